package io.longhaul.engine.storage;

/**
 * @param pendingLimitBytes what may be kept of writes to regions that have frames in flight; beyond it regions go back
 *     to NOT_COPIED
 * @param inSyncBytes the disk counts as in sync while no more than this is left: what the switchover can carry
 * @param destinationTells whether the destination is yet to tell what its disk holds, see {@link DiskSender#returns}; else
 *     it is known to read as zeros
 */
public record DiskSenderSettings(long pendingLimitBytes, long inSyncBytes, boolean destinationTells) {
    public static final DiskSenderSettings DEFAULT = new DiskSenderSettings(32L << 20, 4L << 20, false);

    /** A region's writes must find room, or each would be read again. */
    private static final long LEAST_PENDING_BYTES = 1L << 20;

    /**
     * For one of several disks, which share what may be kept of writes and what the switchover can carry.
     *
     * @param blank whether this one's destination is known to read as zeros
     */
    public static DiskSenderSettings oneOf(int disks, boolean blank) {
        return new DiskSenderSettings(
                Math.max(LEAST_PENDING_BYTES, DEFAULT.pendingLimitBytes / disks), DEFAULT.inSyncBytes / disks, !blank);
    }

    public DiskSenderSettings {
        if (pendingLimitBytes < 0 || inSyncBytes < 0) {
            throw new IllegalArgumentException("limits must not be negative");
        }
    }
}
