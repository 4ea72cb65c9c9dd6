package io.longhaul.engine.rehearsal;

import java.time.Duration;

/**
 * What a rehearsal has done. Immutable.
 *
 * @param bytes of memory and disks that the receivers have taken, references and zeros not counted
 * @param bytesPerSecondAtFirst in its first slice
 * @param bytesPerSecondAtLast in the best of its newest slices
 */
public record Rehearsed(
        Ending ending, Duration lasted, long bytes, double bytesPerSecondAtFirst, double bytesPerSecondAtLast) {

    /** Why it ended. */
    public enum Ending {
        /** It got no faster any more. */
        SETTLED,
        /** It was still getting faster at the longest that it may take. */
        OUT_OF_TIME,
        /** It was asked to end. */
        STOPPED
    }
}
