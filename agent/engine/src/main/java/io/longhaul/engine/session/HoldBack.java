package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How memory's held-back pages and the hypervisor's pause get along. What is held has to be sent at the pause, so the
 * hypervisor is told a downtime limit that is lower by that; and where this alone keeps it from pausing, less is held,
 * and in the end nothing. Immutable and pure.
 *
 * <p>A guest that dirties about as much as the link carries has a round now and then that could be the last, and many that
 * could not: after a time without one, more is held again. That time grows with each return, so that a guest whose rounds
 * are short in the end is paused: see {@link #RETURN_ROUNDS}.
 *
 * <p>Always ends: a stage is left after a fixed number of rounds that would have been the last but for what is held, those
 * within the budget are counted over all returns, and in the last stage nothing is held.
 *
 * @param roundsHeldUp within the budget, over all returns to it
 * @param heldUpRound the last that was counted
 * @param returns how often more was held again
 */
record HoldBack(Stage stage, int roundsHeldUp, int heldUpRound, int returns) {
    static final HoldBack FIRST = new HoldBack(Stage.DEFER, 0, 0, 0);

    /** What the hypervisor is told at least: none is read as "never pause", and some make rounds that never end. */
    private static final Duration LEAST = Duration.ofMillis(1);

    /** Of what the link carries in the downtime limit, for pages that are held; the rest is the hypervisor's. */
    private static final int SHARE = 4;

    /**
     * Without a round that could be the last, so many, and as many more with each return, are kept within the budget before
     * more is held. Of hotset's rounds (64 MiB rewritten without pause, 1 Gbit/s) one in 15 could be the last.
     */
    private static final int RETURN_ROUNDS = 2;

    /** Rounds that may be held up within the budget. */
    private static final int PATIENCE = 4;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    enum Stage {
        /** More may be held than the switchover can carry, as long as rounds are long: until one is held up. */
        DEFER,
        /** No more may be held than the switchover can carry: until {@link #PATIENCE} rounds are held up. */
        WITHIN_BUDGET,
        /** Nothing is held. */
        NOTHING
    }

    /**
     * @param roundBytes what the round has brought so far, taken before the statistics, so that a turn between the two is
     *     no short round
     * @param limit for the whole of the last round, as {@link DowntimeSteps} has it
     * @param heldBytes to be sent at the pause besides what the hypervisor has
     */
    HoldBack next(MemoryStatistics now, long roundBytes, Duration limit, long bytesPerSecond, long heldBytes) {
        boolean wouldPause = now.remainingBytes() + roundBytes <= carriedIn(limit, bytesPerSecond);
        if (wouldPause && heldBytes > 0 && now.rounds() > Math.max(1, heldUpRound)) {
            return heldUp(now.rounds());
        }
        boolean isFarFromPause = now.rounds() - heldUpRound > RETURN_ROUNDS * (returns + 1);
        return stage == Stage.WITHIN_BUDGET && isFarFromPause
                ? new HoldBack(Stage.DEFER, roundsHeldUp, heldUpRound, returns + 1)
                : this;
    }

    private HoldBack heldUp(int round) {
        return switch (stage) {
            case DEFER -> new HoldBack(Stage.WITHIN_BUDGET, roundsHeldUp, round, returns);
            case WITHIN_BUDGET ->
                new HoldBack(
                        roundsHeldUp + 1 < PATIENCE ? Stage.WITHIN_BUDGET : Stage.NOTHING,
                        roundsHeldUp + 1,
                        round,
                        returns);
            case NOTHING -> this;
        };
    }

    boolean defers() {
        return stage == Stage.DEFER;
    }

    /** What the switchover can carry of pages that are held. */
    long budgetBytes(Duration limit, long bytesPerSecond) {
        return stage == Stage.NOTHING ? 0 : carriedIn(limit, bytesPerSecond) / SHARE;
    }

    /** What the hypervisor may take of the limit. */
    static Duration forHypervisor(Duration limit, long heldBytes, long bytesPerSecond) {
        if (bytesPerSecond == 0 || heldBytes == 0) {
            return limit;
        }
        Duration left = limit.minusNanos(Math.round(heldBytes * NANOS_PER_SECOND / bytesPerSecond));
        Duration whole = Duration.ofMillis(left.toMillis());
        return whole.compareTo(LEAST) < 0 ? LEAST : whole;
    }

    private static long carriedIn(Duration limit, long bytesPerSecond) {
        return Math.round(bytesPerSecond * (limit.toNanos() / NANOS_PER_SECOND));
    }
}
