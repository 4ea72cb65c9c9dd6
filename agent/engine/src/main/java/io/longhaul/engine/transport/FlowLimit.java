package io.longhaul.engine.transport;

/**
 * How much of a class of streams may be on the way, from the round trip and the rate at which it is consumed. Pure; not
 * thread safe: its owner's lock guards it.
 *
 * <pre>
 *   limit = gain * rate * round trip + max(4 MiB, rate * 30 ms, connections * frame)
 * </pre>
 *
 * The gain is 2 while the rate still grows, so that it can double in each round trip; once it does not, what is more
 * than the way holds only stands in queues, in front of the last pages at the switchover, and 1.25 is left to find out
 * that there is room for more. The second term is for the time that a receiver takes to consume a frame, which no ping
 * measures: 30 ms, and 4 frames of the largest size at least; and for what is there of frames that are not whole yet, one
 * on each connection (at 200 ms twelve of 1 MiB, which is half of what the way holds: without them 4 GiB took 47.7 s, with
 * them 42.5). While the rate grows, a link of 1 Gbit/s is presumed.
 *
 * <p>The rate is the best of the last seconds. A round in which the sender was not held up says nothing about what the
 * way can carry, so it can raise the rate, and never lowers it.
 */
final class FlowLimit {
    static final long LEAST_BYTES = 4L * FrameCodec.LARGEST_FRAME_BYTES;

    /** 1 Gbit/s, until it is known better. */
    static final double PRESUMED_BYTES_PER_SECOND = 125e6;

    private static final double GAIN_GROWING = 2;
    private static final double GAIN_STEADY = 1.25;
    private static final double GROWTH = 1.25;
    private static final int ROUNDS_WITHOUT_GROWTH = 3;
    private static final double CONSUMING_SECONDS = 0.03;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long ROUND_LEAST_NANOS = 10_000_000;
    /** The best rate is that of the running and the last epoch. */
    private static final long EPOCH_LEAST_NANOS = 2_000_000_000;

    private static final int EPOCH_ROUNDS = 8;

    private final long mostBytes;
    private long roundTripNanos;
    private int connections = 1;
    private long frameBytes;
    private long roundStartNanos;
    private long roundBytes;
    private boolean roundHeldUp;
    private long epochStartNanos;
    private double epochBest;
    private double lastEpochBest;
    private double grownTo;
    private int roundsWithoutGrowth;
    private long limitBytes;

    FlowLimit(long mostBytes, long nowNanos) {
        this.mostBytes = mostBytes;
        this.roundStartNanos = nowNanos;
        this.epochStartNanos = nowNanos;
        this.limitBytes = Math.min(mostBytes, LEAST_BYTES);
    }

    long limitBytes() {
        return limitBytes;
    }

    double bytesPerSecond() {
        return Math.max(epochBest, lastEpochBest);
    }

    /** A frame had to wait for room. */
    void heldUp() {
        roundHeldUp = true;
    }

    /** @param nanos of the way alone, without what stands in queues */
    void distance(long nanos, int carrying) {
        roundTripNanos = nanos;
        connections = carrying;
        computeLimit();
    }

    /**
     * A frame was consumed.
     *
     * @return whether the limit may have changed
     */
    boolean acknowledged(long bytes, long nowNanos) {
        frameBytes = Math.max(frameBytes, Math.min(bytes, FrameCodec.LARGEST_FRAME_BYTES));
        roundBytes += bytes;
        long elapsed = nowNanos - roundStartNanos;
        if (elapsed < Math.max(roundTripNanos, ROUND_LEAST_NANOS)) {
            return false;
        }
        endRound(roundBytes * NANOS_PER_SECOND / elapsed, nowNanos);
        roundStartNanos = nowNanos;
        roundBytes = 0;
        roundHeldUp = false;
        computeLimit();
        return true;
    }

    private void endRound(double rate, long nowNanos) {
        long epochNanos = Math.max(EPOCH_LEAST_NANOS, EPOCH_ROUNDS * roundTripNanos);
        if (roundHeldUp && nowNanos - epochStartNanos > epochNanos) {
            lastEpochBest = epochBest;
            epochBest = 0;
            epochStartNanos = nowNanos;
            grownTo = Math.min(grownTo, lastEpochBest);
        }
        epochBest = Math.max(epochBest, rate);
        if (rate > grownTo * GROWTH) {
            grownTo = rate;
            roundsWithoutGrowth = 0;
        } else if (roundHeldUp) {
            roundsWithoutGrowth++;
        }
    }

    private void computeLimit() {
        double rate = bytesPerSecond();
        double gain = roundsWithoutGrowth < ROUNDS_WITHOUT_GROWTH ? GAIN_GROWING : GAIN_STEADY;
        // TCP's own slow start is slow enough; a limit that follows it comes a round trip behind.
        double least = gain == GAIN_GROWING ? PRESUMED_BYTES_PER_SECOND : 0;
        double onTheWay = Math.max(least, gain * rate) * roundTripNanos / NANOS_PER_SECOND;
        double consuming = Math.max(LEAST_BYTES, rate * CONSUMING_SECONDS);
        double inPieces = (double) connections * frameBytes;
        limitBytes = Math.min(mostBytes, Math.round(onTheWay + Math.max(consuming, inPieces)));
    }
}
