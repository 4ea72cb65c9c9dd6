package io.longhaul.engine.transport;

import java.util.Arrays;

/**
 * How much one connection may have on the way, from the rate at which its frames arrive. Pure; not thread safe: its owner's
 * lock guards it.
 *
 * <pre>
 *   limit = 3 * rate * round trip + 100 ms * rate + 256 KiB
 * </pre>
 *
 * <p>Connections of one link differ in speed, above all where packets are lost, and each takes frames as long as its
 * socket has room: up to 4 MiB, of which a slow one needs a second to get rid, while a stream that is to be read in order
 * waits for the first of them (seen with ss at 100 ms and 1 % of loss). So each takes only what it carries soon: three
 * round trips, as a frame that has lost a packet takes two and sometimes three; where nothing is lost the streams' windows
 * end before that. The 100 ms are for threads that wait for a processor, there and here, 256 KiB let a rate
 * grow from nothing.
 *
 * <p>The rate is the best of the last rounds of a round trip each. One in which the connection had nothing to do for a while
 * says nothing about what it can carry, and never lowers it. Until some have ended it is presumed.
 */
final class LaneFlow {
    private static final double ROUND_TRIPS = 3;
    private static final double RECEIVING_SECONDS = 0.1;
    private static final long LEAST_BYTES = 256 * 1024;
    private static final int ROUNDS = 4;
    /** What is lost over a shorter way comes soon, and word of arrivals costs more than it is worth. */
    static final long SHORT_NANOS = 10_000_000;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long ROUND_LEAST_NANOS = 10_000_000;

    private final double[] rates = new double[ROUNDS];
    private long roundTripNanos;
    private int rounds;
    private long roundStartNanos;
    private long roundBytes;
    /** It had something on the way throughout the round. */
    private boolean busy;

    private long onTheWayBytes;

    /** @param presumedBytesPerSecond until it is known better */
    LaneFlow(double presumedBytesPerSecond, long roundTripNanos, long nowNanos) {
        Arrays.fill(rates, presumedBytesPerSecond);
        this.roundTripNanos = roundTripNanos;
        this.roundStartNanos = nowNanos;
    }

    /** Whether one more frame, of any size, may be given to it. */
    boolean hasRoom() {
        return onTheWayBytes < limitBytes();
    }

    /** Whether it has next to nothing to do: small frames of disks trickle in always. */
    boolean hasLittle() {
        return onTheWayBytes < LEAST_BYTES;
    }

    void roundTrip(long nanos) {
        roundTripNanos = nanos;
    }

    void handed(long bytes) {
        onTheWayBytes += bytes;
    }

    /** What it was given has arrived by another. */
    void overtaken(long bytes) {
        leave(bytes);
    }

    void arrived(long bytes, long nowNanos) {
        leave(bytes);
        roundBytes += bytes;
        long elapsed = nowNanos - roundStartNanos;
        if (elapsed < Math.max(roundTripNanos, ROUND_LEAST_NANOS)) {
            return;
        }
        double rate = roundBytes * NANOS_PER_SECOND / elapsed;
        if (busy || rate > best()) {
            rates[rounds % ROUNDS] = rate;
            rounds++;
        }
        roundStartNanos = nowNanos;
        roundBytes = 0;
        busy = onTheWayBytes > 0;
    }

    long limitBytes() {
        if (roundTripNanos < SHORT_NANOS) {
            return Long.MAX_VALUE;
        }
        double seconds = ROUND_TRIPS * roundTripNanos / NANOS_PER_SECOND + RECEIVING_SECONDS;
        return LEAST_BYTES + Math.round(best() * seconds);
    }

    private void leave(long bytes) {
        onTheWayBytes -= bytes;
        busy &= onTheWayBytes > 0;
    }

    private double best() {
        double best = 0;
        for (double rate : rates) {
            best = Math.max(best, rate);
        }
        return best;
    }
}
