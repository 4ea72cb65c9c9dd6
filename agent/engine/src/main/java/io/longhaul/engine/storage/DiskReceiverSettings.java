package io.longhaul.engine.storage;

import java.time.Duration;

/**
 * @param windowBytes the stream's window: a sender that exceeds it is broken
 * @param writers threads that write, so requests that the disk has under way
 * @param flushBytes a flush follows when this much was written, so that the last flush is short
 * @param flushInterval and when this long passed since the first write that is not flushed
 */
public record DiskReceiverSettings(long windowBytes, int writers, long flushBytes, Duration flushInterval) {

    public DiskReceiverSettings {
        if (writers < 1 || windowBytes < 1 || flushBytes < 1 || flushInterval.isNegative()) {
            throw new IllegalArgumentException("writers, window and flush sizes must be at least 1");
        }
    }

    /** Four writers keep a disk busy without turning sequential writes into random ones. */
    public static DiskReceiverSettings withWindow(long windowBytes) {
        return new DiskReceiverSettings(windowBytes, 4, 64L << 20, Duration.ofSeconds(2));
    }
}
