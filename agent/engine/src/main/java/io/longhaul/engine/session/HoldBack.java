package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How memory's held-back pages and the hypervisor's pause get along. What is held has to be sent at the pause, so the
 * hypervisor is told a downtime limit that is lower by that; and where this alone keeps it from pausing, less is held,
 * and in the end nothing. Immutable and pure.
 *
 * <p>Always ends: a stage is left after a fixed number of rounds that would have been the last but for what is held, and in
 * the last stage there is nothing of the kind.
 *
 * @param roundsHeldUp in this stage
 * @param heldUpRound the last that was counted
 */
record HoldBack(Stage stage, int roundsHeldUp, int heldUpRound) {
    static final HoldBack FIRST = new HoldBack(Stage.DEFER, 0, 0);

    /** What the hypervisor is told at least: none is read as "never pause", and some make rounds that never end. */
    private static final Duration LEAST = Duration.ofMillis(1);

    /** Of what the link carries in the downtime limit, for pages that are held; the rest is the hypervisor's. */
    private static final int SHARE = 4;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    enum Stage {
        /** More may be held than the switchover can carry, as long as rounds are long. */
        DEFER(1),
        /** No more may be held than the switchover can carry. */
        WITHIN_BUDGET(4),
        /** Nothing is held. */
        NOTHING(Integer.MAX_VALUE);

        /** Rounds that may be held up before the next stage. */
        private final int patience;

        Stage(int patience) {
            this.patience = patience;
        }
    }

    /**
     * @param roundBytes what the round has brought so far, taken before the statistics, so that a turn between the two is
     *     no short round
     * @param limit for the whole of the last round, as {@link DowntimeSteps} has it
     * @param heldBytes to be sent at the pause besides what the hypervisor has
     */
    HoldBack next(MemoryStatistics now, long roundBytes, Duration limit, long bytesPerSecond, long heldBytes) {
        boolean wouldPause = now.remainingBytes() + roundBytes <= carriedIn(limit, bytesPerSecond);
        if (!wouldPause || heldBytes == 0 || now.rounds() <= Math.max(1, heldUpRound)) {
            return this;
        }
        return roundsHeldUp + 1 < stage.patience
                ? new HoldBack(stage, roundsHeldUp + 1, now.rounds())
                : new HoldBack(Stage.values()[Math.min(stage.ordinal() + 1, Stage.NOTHING.ordinal())], 0, now.rounds());
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
