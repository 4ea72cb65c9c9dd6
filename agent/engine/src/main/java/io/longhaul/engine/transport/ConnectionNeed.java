package io.longhaul.engine.transport;

/**
 * How many connections carry a rate over a distance. Pure.
 *
 * <p>A connection begins with ten packets on the way and doubles that in each round trip, whatever the rate is to be: over a
 * distance it is the number of connections that makes a move's first second worth something. So many are taken that five
 * round trips fill the way, up to eight; with more, what is won at the beginning is lost by the rest (measured with 16, 24
 * and 32 at 200 ms); over no distance, where more only cost processor time, it is two.
 *
 * <p>Later a connection carries in each round trip what the kernel's buffers hold: of the usual 6 MiB of a receiver half, of the
 * usual 4 MiB of a sender what its bookkeeping leaves (measured at 200 ms and 1 Gbit/s, 4 GiB: eight carried 99 MB/s,
 * twelve 109). So many are taken that this is enough, and two more, since they do not share alike.
 *
 * <p>They are opened at the beginning, for one that comes later is slow for its first round trips, and holds up every
 * ordered stream that has a frame on it (seen at 100 ms: 0.4 s for each; at 200 ms four that came with the memory made a
 * downtime of 240 ms one of 700 to 990). So 1 Gbit/s is presumed, and a rate that turns out higher opens no more than
 * eight.
 */
final class ConnectionNeed {
    /** Ten packets of 1,448 bytes, doubled five times. */
    private static final double CARRIED_AFTER_FIVE_ROUNDS_BYTES = 10 * 1_448 * 32;

    /** Of the kernel's usual buffers. */
    private static final double CARRIED_IN_A_ROUND_BYTES = 2.5e6;

    private static final int LEAST = 2;
    private static final int MOST_FOR_THE_BEGINNING = 8;
    private static final double PRESUMED_BYTES_PER_SECOND = FlowLimit.PRESUMED_BYTES_PER_SECOND;
    private static final double NANOS_PER_SECOND = 1e9;

    private ConnectionNeed() {}

    /** @param most the settings' */
    static int of(long roundTripNanos, double bytesPerSecond, int most) {
        double seconds = roundTripNanos / NANOS_PER_SECOND;
        double onTheWay = Math.max(bytesPerSecond, PRESUMED_BYTES_PER_SECOND) * seconds;
        double beginning =
                Math.min(MOST_FOR_THE_BEGINNING, LEAST + Math.floor(onTheWay / CARRIED_AFTER_FIVE_ROUNDS_BYTES));
        double lasting = LEAST + Math.floor(PRESUMED_BYTES_PER_SECOND * seconds / CARRIED_IN_A_ROUND_BYTES);
        return (int) Math.min(most, Math.max(beginning, lasting));
    }
}
