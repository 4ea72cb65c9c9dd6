package io.longhaul.engine.rehearsal;

import java.time.Duration;

/**
 * How long and with how much. Immutable.
 *
 * @param longest when it ends at the latest, whether or not everything is compiled by then
 * @param slice how often is looked whether it still gets faster
 * @param memoryPages of the made-up guest, all of which change in every round
 * @param diskBytes of each made-up disk, a multiple of 1 MiB
 */
public record RehearsalSettings(Duration longest, Duration slice, int memoryPages, long diskBytes) {
    /** Two cores that have nothing else to do are done before that; with busy ones half of the gain is better than none. */
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private static final Duration SLICE = Duration.ofMillis(150);

    /** 8 MiB each: a round of memory and a disk pass within a slice once the code is compiled. */
    public static final RehearsalSettings DEFAULT = new RehearsalSettings(LONGEST, SLICE, 2048, 8L << 20);

    public RehearsalSettings {
        if (longest.isNegative() || slice.isNegative() || slice.isZero()) {
            throw new IllegalArgumentException("a rehearsal of " + longest + " in slices of " + slice);
        }
        if (memoryPages < 1 || diskBytes < 1 || diskBytes % (1 << 20) != 0) {
            throw new IllegalArgumentException(
                    "a rehearsal needs pages and whole MiB of disk, not " + memoryPages + " and " + diskBytes);
        }
    }
}
