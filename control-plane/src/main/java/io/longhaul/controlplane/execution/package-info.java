/**
 * Takes stored migrations and the agents' reports and gives the next durable state and the commands that follow from it.
 * Every migration is driven by one worker at a time; must not know HTTP or how agents are reached.
 */
@NullMarked
package io.longhaul.controlplane.execution;

import org.jspecify.annotations.NullMarked;
