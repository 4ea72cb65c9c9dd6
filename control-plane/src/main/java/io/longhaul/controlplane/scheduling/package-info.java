/**
 * Takes the queue with what is running and gives which migrations may start and what the others wait for. Pure: no thread,
 * no clock, no database.
 */
@NullMarked
package io.longhaul.controlplane.scheduling;

import org.jspecify.annotations.NullMarked;
