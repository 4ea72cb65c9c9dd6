package io.longhaul.engine.rehearsal;

import java.time.Duration;

/**
 * How long and with how much. Immutable.
 *
 * @param longest when it ends at the latest, whether or not everything is compiled by then
 * @param slice how often is looked whether it still gets faster
 * @param leastBytes that were moved before it counts that it gets no faster
 * @param memoryPages of the made-up guest, all of which change in every round
 * @param diskBytes of each made-up disk, a multiple of 1 MiB
 */
public record RehearsalSettings(Duration longest, Duration slice, long leastBytes, int memoryPages, long diskBytes) {
    /** Two cores that have nothing else to do are done in 2 s; at the start of three servers on them it takes 6. */
    private static final Duration LONGEST = Duration.ofSeconds(8);

    private static final Duration SLICE = Duration.ofMillis(150);

    /** A page's code is compiled for good after some fifteen thousand pages, however busy the machine is. */
    private static final long LEAST_BYTES = 64L << 20;

    /** 8 MiB each: a round of memory and a disk pass within a slice once the code is compiled. */
    public static final RehearsalSettings DEFAULT = new RehearsalSettings(LONGEST, SLICE, LEAST_BYTES, 2048, 8L << 20);

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
