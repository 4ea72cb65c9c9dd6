package io.longhaul.engine.transport;

/**
 * How many connections carry a rate over a distance. Pure.
 *
 * <p>Each has what its kernel's send buffer holds on the way, 4 MiB; two more than that needs, for a loss halves what one
 * has. A rate not known yet is taken as 1 Gbit/s.
 */
final class ConnectionNeed {
    private static final double HELD_BY_ONE_BYTES = 4 << 20;
    private static final int SPARE = 2;
    private static final double PRESUMED_BYTES_PER_SECOND = 125e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private ConnectionNeed() {}

    /** @param most the settings' */
    static int of(long roundTripNanos, double bytesPerSecond, int most) {
        double onTheWay = Math.max(bytesPerSecond, PRESUMED_BYTES_PER_SECOND) * roundTripNanos / NANOS_PER_SECOND;
        return (int) Math.min(most, SPARE + Math.floor(onTheWay / HELD_BY_ONE_BYTES));
    }
}
