/**
 * Takes reported counters and changes of state and gives merged progress and wake-ups for whoever watches. Thread safe;
 * must not know where the reports come from.
 */
@NullMarked
package io.longhaul.controlplane.progress;

import org.jspecify.annotations.NullMarked;
