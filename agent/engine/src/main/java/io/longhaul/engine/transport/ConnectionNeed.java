package io.longhaul.engine.transport;

/**
 * How many connections carry a rate over a distance. Pure.
 *
 * <p>A connection begins with ten packets on the way and doubles that in each round trip, whatever the rate is to be: over a
 * distance it is the number of connections that makes a move's first second worth something. So many are taken that five
 * round trips fill the way; over no distance, where more only cost processor time, it is two.
 *
 * <p>They are opened at the beginning, for one that comes later is slow for its first round trips, and holds up every
 * ordered stream that has a frame on it (seen at 100 ms: 0.4 s for each). A rate not known yet is taken as 1 Gbit/s.
 */
final class ConnectionNeed {
    /** Ten packets of 1,448 bytes, doubled five times. */
    private static final double CARRIED_AFTER_FIVE_ROUNDS_BYTES = 10 * 1_448 * 32;

    private static final int LEAST = 2;
    private static final double PRESUMED_BYTES_PER_SECOND = FlowLimit.PRESUMED_BYTES_PER_SECOND;
    private static final double NANOS_PER_SECOND = 1e9;

    private ConnectionNeed() {}

    /** @param most the settings' */
    static int of(long roundTripNanos, double bytesPerSecond, int most) {
        double onTheWay = Math.max(bytesPerSecond, PRESUMED_BYTES_PER_SECOND) * roundTripNanos / NANOS_PER_SECOND;
        return (int) Math.min(most, LEAST + Math.floor(onTheWay / CARRIED_AFTER_FIVE_ROUNDS_BYTES));
    }
}
