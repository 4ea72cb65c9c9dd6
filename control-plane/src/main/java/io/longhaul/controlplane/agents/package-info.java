/**
 * Takes commands for agents and gives their answers; takes what agents report and gives it to the listeners. HTTP calls run
 * on the client's threads, reports on request threads; must not know what a report means.
 */
@NullMarked
package io.longhaul.controlplane.agents;

import org.jspecify.annotations.NullMarked;
