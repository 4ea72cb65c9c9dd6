/**
 * The control plane: takes requests over HTTP, plans and schedules moves, and commands the agents of the hosts. One
 * package a stage; must not know the engine that the agents run.
 */
@NullMarked
package io.longhaul.controlplane;

import org.jspecify.annotations.NullMarked;
