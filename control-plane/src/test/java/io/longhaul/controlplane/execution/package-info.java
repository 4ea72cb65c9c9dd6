/**
 * Unit tests: no socket, no sleep, no clock of their own.
 */
@NullMarked
package io.longhaul.controlplane.execution;

import org.jspecify.annotations.NullMarked;
