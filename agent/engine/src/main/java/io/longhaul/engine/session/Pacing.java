package io.longhaul.engine.session;

/**
 * When memory begins, and how much of it may be on the way. Pure.
 *
 * <p>Memory that is sent while the disks still move shares the link with them: nothing is won while the disks fill it, and
 * what the guest dirties meanwhile goes twice. So it begins when the disks are about to leave the link idle, and is kept
 * from its end until they are in sync.
 */
final class Pacing {
    /** To set up the hypervisor's stream and read its first bytes. */
    private static final double SETUP_SECONDS = 0.3;

    /** The share of the memory that the disks' rest may have: then disks end long before memory's first pass does. */
    private static final int REST_SHARE = 8;

    /** What the disks may have unsent at the pause, all together: 34 ms of a link of 1 Gbit/s. */
    static final long DISK_REST_BYTES = 4L << 20;

    /** Below this a stream waits for each frame's acknowledgement. */
    private static final long LEAST_ON_THE_WAY = 1L << 20;

    /** Two of the moments in which a busy host does not run the sender: less would leave the link idle now and then. */
    private static final double QUEUE_SECONDS = 0.02;

    private static final double NEAR_SECONDS = 0.5;
    private static final double MILLIS_PER_SECOND = 1_000;

    /** The first pass leaves zeros behind at the speed of memory, so it is held early while the disks need time. */
    private static final int HELD_SHARE = 4;

    private Pacing() {}

    /**
     * @param diskBytesLeft what the far side does not have
     * @param diskBytesUnsent of these, what has not been handed to the link
     * @param bytesPerSecond what the link has carried at its fastest; 0 where not known
     * @param roundTripMillis NaN where not known
     */
    static boolean memoryIsDue(
            long diskBytesLeft, long diskBytesUnsent, long memoryBytes, long bytesPerSecond, double roundTripMillis) {
        if (disksAreInSync(diskBytesUnsent)) {
            return true;
        }
        double idleSeconds = SETUP_SECONDS + orZero(roundTripMillis) / MILLIS_PER_SECOND;
        double rest =
                Math.max(bytesPerSecond * idleSeconds, bytesPerSecond == 0 ? 0 : memoryBytes / (double) REST_SHARE);
        return diskBytesLeft <= rest;
    }

    static boolean disksAreInSync(long diskBytesUnsent) {
        return diskBytesUnsent <= DISK_REST_BYTES;
    }

    /** Whether the stream must wait, so that the guest is not paused while the disks have much left. */
    static boolean memoryMustWait(long memoryBytesLeft, long memoryBytes, boolean disksInSync) {
        return !disksInSync && memoryBytesLeft <= memoryBytes / HELD_SHARE;
    }

    static boolean isNearTheEnd(long memoryBytesLeft, int rounds, long bytesPerSecond) {
        return rounds > 1 || memoryBytesLeft <= bytesPerSecond * NEAR_SECONDS;
    }

    /**
     * As much as the link holds, and a queue that is short when the guest may be paused any moment; before that, the
     * stream's own window, which does not depend on a rate that is still being found out.
     */
    static long onTheWay(long bytesPerSecond, double roundTripMillis, boolean nearTheEnd) {
        if (bytesPerSecond == 0 || !nearTheEnd) {
            return Long.MAX_VALUE;
        }
        double seconds = orZero(roundTripMillis) / MILLIS_PER_SECOND + QUEUE_SECONDS;
        return Math.max(LEAST_ON_THE_WAY, Math.round(bytesPerSecond * seconds));
    }

    private static double orZero(double millis) {
        return Double.isNaN(millis) ? 0 : millis;
    }
}
