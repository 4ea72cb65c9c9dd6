/**
 * Takes small values, gives files that survive a power cut: written beside, synced, renamed. Any thread. Must not know
 * what the values mean.
 */
@NullMarked
package io.longhaul.agent.files;

import org.jspecify.annotations.NullMarked;
