/**
 * Tests of the control plane as a whole, over HTTP, against fake agents that speak agent.yaml.
 */
@NullMarked
package io.longhaul.controlplane;

import org.jspecify.annotations.NullMarked;
