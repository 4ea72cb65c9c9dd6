/**
 * Unit tests: no socket, no sleep, no clock of their own.
 */
@NullMarked
package io.longhaul.controlplane.scheduling;

import org.jspecify.annotations.NullMarked;
