/**
 * Stands for the agent, whose classes the control plane does not have. Planted for ArchitectureTest; never run.
 */
@NullMarked
package io.longhaul.agent.canary;

import org.jspecify.annotations.NullMarked;
