package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import java.time.Duration;

/**
 * What the hypervisor is told that the last round may take: little at first, so that the last round is short where the
 * guest allows it, and more, up to the policy's limit, each time a round did not become much shorter than the one before.
 * Immutable and pure.
 *
 * @param limit for the hypervisor now
 * @param ceiling the policy's limit; one that is raised is used at once
 * @param round the newest round that was seen
 * @param leftAtRound what was left when it was first seen
 */
record DowntimeSteps(Duration limit, Duration ceiling, int round, long leftAtRound) {
    /** 6 MB of a link of 1 Gbit/s: less only makes rounds that are as long as it takes to start one. */
    private static final Duration FIRST = Duration.ofMillis(50);

    private static final int NUMERATOR = 3;
    private static final int DENOMINATOR = 2;

    /** A round with more than this share of the one before is one that does not shrink. */
    private static final double SHRINKING = 0.75;

    /** The first two rounds are the whole memory and what was dirtied meanwhile: they say nothing about a trend. */
    private static final int FIRST_COMPARED = 3;

    static DowntimeSteps first(Duration ceiling) {
        return new DowntimeSteps(shorter(FIRST, ceiling), ceiling, 0, Long.MAX_VALUE);
    }

    /** @param newCeiling the policy's limit, which may have been changed meanwhile */
    DowntimeSteps next(MemoryStatistics now, Duration newCeiling) {
        Duration base = newCeiling.compareTo(ceiling) > 0 ? newCeiling : limit;
        if (now.rounds() <= round) {
            return new DowntimeSteps(shorter(base, newCeiling), newCeiling, round, leftAtRound);
        }
        boolean shrinks = now.remainingBytes() <= SHRINKING * leftAtRound;
        boolean raise = !shrinks && now.rounds() >= FIRST_COMPARED;
        Duration wanted = raise ? base.multipliedBy(NUMERATOR).dividedBy(DENOMINATOR) : base;
        return new DowntimeSteps(shorter(wanted, newCeiling), newCeiling, now.rounds(), now.remainingBytes());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
