package io.longhaul.engine.progress;

import java.util.Locale;
import java.util.Optional;

/**
 * When the guest will run at the destination and how long it will stand still, as ranges, and why. Pure.
 *
 * <p>A linear model: what is left goes at a rate between the present one, less what the guest makes anew meanwhile, and
 * the best one seen. It says nothing rather than guess while no rate is known, the link is away, or the guest makes more
 * than the link carries.
 *
 * @param end from now until the guest runs at the destination
 * @param downtime of the switchover
 * @param reason one sentence
 */
public record Forecast(Optional<MillisRange> end, Optional<MillisRange> downtime, String reason) {
    public static final Forecast NONE = new Forecast(Optional.empty(), Optional.empty(), "");

    private static final double MILLIS_PER_SECOND = 1_000;

    /** Of a guest's memory rarely less than this was ever used; the rest is zeros, which cost nothing. */
    private static final double LEAST_SHARE_OF_MEMORY = 0.2;

    /** From the pause to the guest running, beyond the distance and the last bytes: at best, and on a busy host. */
    private static final double LEAST_HANDOVER_MILLIS = 30;

    private static final double MOST_HANDOVER_MILLIS = 150;

    /**
     * What the forecast is made from.
     *
     * @param diskBytesLeft that the destination does not have in their newest form
     * @param memoryBytesLeft the same; the whole memory before its copying began
     * @param memoryStarted whether its copying has begun
     * @param diskBytesWrittenPerSecond how fast the guest writes to its disks
     * @param memoryBytesDirtiedPerSecond how fast it dirties memory; 0 where not known
     * @param bytesPerSecond what the far side took in the last second
     * @param peakBytesPerSecond the most that it ever took in a second
     * @param roundTripMillis NaN where not known
     * @param downtimeLimitMillis what the policy allows the last bytes to take
     * @param outageMillis for how long nothing has been acknowledged; 0 where the link is there
     */
    public record Outlook(
            long diskBytesLeft,
            long memoryBytesLeft,
            boolean memoryStarted,
            long diskBytesWrittenPerSecond,
            long memoryBytesDirtiedPerSecond,
            long bytesPerSecond,
            long peakBytesPerSecond,
            double roundTripMillis,
            long downtimeLimitMillis,
            long outageMillis) {

        private double oneWayMillis() {
            return Double.isNaN(roundTripMillis) ? 0 : roundTripMillis / 2;
        }

        private long madePerSecond() {
            return diskBytesWrittenPerSecond + memoryBytesDirtiedPerSecond;
        }
    }

    public static Forecast of(Outlook outlook) {
        if (outlook.outageMillis() > 0) {
            return silent(String.format(
                    Locale.ROOT,
                    "The link has been away for %.0f s; the guest runs on, and what is left waits.",
                    outlook.outageMillis() / MILLIS_PER_SECOND));
        }
        if (outlook.bytesPerSecond() <= 0) {
            return silent("Nothing has been acknowledged in the last second, so there is no rate to go by.");
        }
        if (outlook.madePerSecond() >= outlook.bytesPerSecond()) {
            return silent(endless(outlook));
        }
        return new Forecast(Optional.of(end(outlook)), Optional.of(downtime(outlook)), reason(outlook));
    }

    private static Forecast silent(String reason) {
        return new Forecast(Optional.empty(), Optional.empty(), reason);
    }

    private static String endless(Outlook outlook) {
        boolean memory = outlook.memoryBytesDirtiedPerSecond() >= outlook.diskBytesWrittenPerSecond();
        return String.format(
                Locale.ROOT,
                "The guest %s as fast as the link carries it, %s/s of %s/s: no end in sight.",
                memory ? "dirties memory" : "writes to its disks",
                bytes(outlook.madePerSecond()),
                bytes(outlook.bytesPerSecond()));
    }

    private static MillisRange end(Outlook outlook) {
        double disk = outlook.diskBytesLeft();
        double memory = outlook.memoryBytesLeft();
        double leastMemory = outlook.memoryStarted() ? memory : memory * LEAST_SHARE_OF_MEMORY;
        long best = Math.max(outlook.peakBytesPerSecond(), outlook.bytesPerSecond());
        long net = outlook.bytesPerSecond() - outlook.madePerSecond();
        MillisRange downtime = downtime(outlook);
        return MillisRange.of(
                MILLIS_PER_SECOND * (disk + leastMemory) / best + downtime.low(),
                MILLIS_PER_SECOND * (disk + memory) / net + downtime.high());
    }

    /** The last round is what the guest dirties while the round before it is carried, at most what the policy allows. */
    private static MillisRange downtime(Outlook outlook) {
        double rate = outlook.bytesPerSecond();
        double roundMillis = MILLIS_PER_SECOND * outlook.memoryBytesLeft() / rate;
        double lastMillis = roundMillis * outlook.memoryBytesDirtiedPerSecond() / rate;
        double most = Math.min(lastMillis, outlook.downtimeLimitMillis());
        return MillisRange.of(
                outlook.oneWayMillis() + LEAST_HANDOVER_MILLIS, outlook.oneWayMillis() + MOST_HANDOVER_MILLIS + most);
    }

    private static String reason(Outlook outlook) {
        String rate = bytes(outlook.bytesPerSecond());
        String left = outlook.diskBytesLeft() > 0
                ? bytes(outlook.diskBytesLeft()) + " of disk and " + bytes(outlook.memoryBytesLeft()) + " of memory"
                : bytes(outlook.memoryBytesLeft()) + " of memory";
        return left + " left at " + rate + "/s" + growth(outlook) + ".";
    }

    private static String growth(Outlook outlook) {
        long dirtied = outlook.memoryBytesDirtiedPerSecond();
        long written = outlook.diskBytesWrittenPerSecond();
        if (dirtied > 0 && written > 0) {
            return "; the guest dirties " + bytes(dirtied) + "/s of memory and writes " + bytes(written) + "/s";
        }
        if (dirtied > 0) {
            return "; the guest dirties " + bytes(dirtied) + "/s of memory";
        }
        return written > 0 ? "; the guest writes " + bytes(written) + "/s" : "";
    }

    /** Decimal units with one digit where it says something. */
    static String bytes(long count) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
        double value = count;
        int unit = 0;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}
