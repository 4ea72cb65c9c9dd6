/**
 * Unit tests: no socket, no sleep, no clock of their own.
 */
@NullMarked
package io.longhaul.controlplane.completion;

import org.jspecify.annotations.NullMarked;
