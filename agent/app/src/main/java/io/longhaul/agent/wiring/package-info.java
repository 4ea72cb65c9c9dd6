/**
 * Takes the settings, gives the agent's objects connected with one another and with the classes that speak to QEMU and
 * move the bytes; the only package that names those. Runs at start and at stop. Must not decide anything else.
 */
@NullMarked
package io.longhaul.agent.wiring;

import org.jspecify.annotations.NullMarked;
