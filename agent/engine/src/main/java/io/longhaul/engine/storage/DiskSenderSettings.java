package io.longhaul.engine.storage;

/**
 * @param pendingLimitBytes what may be kept of writes to regions that have frames in flight; beyond it regions go back
 *     to NOT_COPIED
 * @param inSyncBytes the disk counts as in sync while no more than this is left: what the switchover can carry
 */
public record DiskSenderSettings(long pendingLimitBytes, long inSyncBytes) {
    public static final DiskSenderSettings DEFAULT = new DiskSenderSettings(32L << 20, 4L << 20);

    public DiskSenderSettings {
        if (pendingLimitBytes < 0 || inSyncBytes < 0) {
            throw new IllegalArgumentException("limits must not be negative");
        }
    }
}
