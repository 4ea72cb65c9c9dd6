package io.longhaul.engine.transport;

/**
 * The round trip and the difference of the wall clocks, from numbered pings, as NTP does it. Thread safe.
 *
 * <pre>
 *   here   t0 ------ping-----.                    .--pong-----> t3
 *   there                     '--> t1 ... t2 -----'
 *   round trip = (t3 - t0) - (t2 - t1)      offset = ((t1 - t0) + (t2 - t3)) / 2, wrong by at most half the round trip
 * </pre>
 */
final class ClockEstimator {
    /** Pings whose answer still counts: half a minute of them at one a second. */
    private static final int REMEMBERED = 32;
    /** What TCP uses. */
    private static final double SMOOTHING = 0.125;
    /** Quartz drifts by less; so an old sample is worth less by this each second, and a stepped clock is found out. */
    private static final double DRIFT = 50e-6;

    /** A way that became longer is believed after one to two of these. */
    private static final long EPOCH_NANOS = 15_000_000_000L;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MICROS_PER_MILLI = 1e3;

    private final long[] sentNanos = new long[REMEMBERED];
    private final long[] sentWallMicros = new long[REMEMBERED];
    private final boolean[] open = new boolean[REMEMBERED];
    private long next;
    private double roundTripMillis = Double.NaN;
    private double offsetMillis = Double.NaN;
    private double bestErrorMillis = Double.POSITIVE_INFINITY;
    private long bestAtNanos;
    /** The shortest round trips of the running and the last epoch: without what stood in queues. */
    private double epochShortestMillis = Double.POSITIVE_INFINITY;

    private double lastEpochShortestMillis = Double.POSITIVE_INFINITY;
    private long epochStartNanos;

    /** @return the number of the ping, which leaves now */
    synchronized long sendPing(long nowNanos, long nowWallMicros) {
        int slot = slot(next);
        sentNanos[slot] = nowNanos;
        sentWallMicros[slot] = nowWallMicros;
        open[slot] = true;
        return next++;
    }

    /** A pong too late to matter is dropped. */
    synchronized void receivePong(long number, long peerReceivedMicros, long peerSentMicros, long nowNanos)
            throws WireViolationException {
        if (number >= next) {
            throw new WireViolationException("ping " + number + " was answered, the last one sent is " + (next - 1));
        }
        int slot = slot(number);
        if (number < next - REMEMBERED || !open[slot]) {
            return;
        }
        open[slot] = false;
        double elapsedNanos = nowNanos - sentNanos[slot];
        double peerHeldMicros = peerSentMicros - peerReceivedMicros;
        double measuredMillis = Math.max(0, elapsedNanos - peerHeldMicros * NANOS_PER_MICRO) / NANOS_PER_MILLI;
        roundTripMillis = Double.isNaN(roundTripMillis)
                ? measuredMillis
                : roundTripMillis + SMOOTHING * (measuredMillis - roundTripMillis);
        noteShortest(measuredMillis, nowNanos);
        double errorMillis = measuredMillis / 2;
        double ageMillis = (nowNanos - bestAtNanos) / NANOS_PER_MILLI;
        if (errorMillis <= bestErrorMillis + ageMillis * DRIFT) {
            bestErrorMillis = errorMillis;
            bestAtNanos = nowNanos;
            // Our wall clock at the pong is taken as that at the ping and the time since: it may have been stepped.
            double returnedMicros = sentWallMicros[slot] + elapsedNanos / NANOS_PER_MICRO;
            offsetMillis = ((peerReceivedMicros - sentWallMicros[slot]) + (peerSentMicros - returnedMicros))
                    / 2
                    / MICROS_PER_MILLI;
        }
    }

    /** What was measured otherwise, by the handshake: stands until the first answer. */
    synchronized void startWith(long roundTripNanos, long nowNanos) {
        if (Double.isNaN(roundTripMillis)) {
            noteShortest(roundTripNanos / NANOS_PER_MILLI, nowNanos);
        }
    }

    /** The shortest of the last half minute; 0 before any is known. */
    synchronized long shortestRoundTripNanos() {
        double shortest = Math.min(epochShortestMillis, lastEpochShortestMillis);
        return shortest == Double.POSITIVE_INFINITY ? 0 : Math.round(shortest * NANOS_PER_MILLI);
    }

    synchronized double roundTripMillis() {
        return roundTripMillis;
    }

    synchronized double offsetMillis() {
        return offsetMillis;
    }

    private void noteShortest(double millis, long nowNanos) {
        if (nowNanos - epochStartNanos > EPOCH_NANOS) {
            lastEpochShortestMillis = epochShortestMillis;
            epochShortestMillis = Double.POSITIVE_INFINITY;
            epochStartNanos = nowNanos;
        }
        epochShortestMillis = Math.min(epochShortestMillis, millis);
    }

    private static int slot(long number) {
        return (int) (number % REMEMBERED);
    }
}
