/**
 * A pure stage that is not pure, planted for ArchitectureTest. Never run.
 */
@NullMarked
package io.longhaul.canary.controlplane.planning;

import org.jspecify.annotations.NullMarked;
