package io.longhaul.engine.storage;

import java.util.concurrent.TimeUnit;

/** Tells when a flush is due, to one thread only. Thread safe. */
final class FlushClock {
    private final DiskReceiverSettings settings;
    private long unflushedBytes;
    private long firstUnflushedNanos;
    private boolean flushing;

    FlushClock(DiskReceiverSettings settings) {
        this.settings = settings;
    }

    synchronized void wrote(long bytes, long nowNanos) {
        if (unflushedBytes == 0) {
            firstUnflushedNanos = nowNanos;
        }
        unflushedBytes += Math.max(1, bytes);
    }

    /** Where a flush is due the caller must flush and say {@link #flushed}. */
    synchronized boolean begin(long nowNanos) {
        boolean late =
                nowNanos - firstUnflushedNanos >= settings.flushInterval().toNanos();
        if (flushing || unflushedBytes == 0 || !(late || unflushedBytes >= settings.flushBytes())) {
            return false;
        }
        flushing = true;
        unflushedBytes = 0;
        return true;
    }

    synchronized void flushed() {
        flushing = false;
    }

    /** How long a thread without work may wait; 0 for as long as it likes. */
    synchronized long millisUntilDue(long nowNanos) {
        if (unflushedBytes == 0 || flushing) {
            return 0;
        }
        long leftNanos = settings.flushInterval().toNanos() - (nowNanos - firstUnflushedNanos);
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1);
    }
}
