package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets writers pass as a cap allows: those of one link, or of all links of a process. Thread safe.
 *
 * <p>The cap is in bytes of IP packets, as they are counted on the wire. Of 1,500 bytes of a full packet 1,448 are ours,
 * with timestamps in the TCP header as usual.
 */
public final class RateLimiter {
    private static final double PACKET_BYTES = 1500;
    private static final double CARRIED_BYTES = 1448;

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TokenBucket bucket = new TokenBucket();
    private volatile boolean limited;
    private boolean released;

    public RateLimiter(Ticker ticker) {
        this.ticker = ticker;
    }

    /** @param bytesPerSecond of IP packets; 0 for no limit. Any time */
    public void limit(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a rate is 0 or more, not " + bytesPerSecond);
        }
        lock.lock();
        try {
            if (bytesPerSecond > 0) {
                bucket.changeRate(carried(bytesPerSecond), ticker.nanos());
            }
            limited = bytesPerSecond > 0 && !released;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, and returns how many of the wanted bytes may be written. */
    long acquire(long wantedBytes) throws InterruptedException {
        if (!limited) {
            return wantedBytes;
        }
        lock.lockInterruptibly();
        try {
            while (limited) {
                long granted = bucket.take(wantedBytes, ticker.nanos());
                if (granted > 0) {
                    return granted;
                }
                boolean unused = changed.await(bucket.nanosUntil(wantedBytes), TimeUnit.NANOSECONDS);
            }
            return wantedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Counts bytes that do not wait. */
    void charge(long bytes) {
        if (!limited) {
            return;
        }
        lock.lock();
        try {
            bucket.charge(bytes, ticker.nanos());
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that were granted and not written after all. */
    void giveBack(long bytes) {
        charge(-bytes);
    }

    /** Lets everything pass from now on: the link ends. */
    void release() {
        lock.lock();
        try {
            released = true;
            limited = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static long carried(long bytesPerSecond) {
        return Math.max(1, Math.round(bytesPerSecond * (CARRIED_BYTES / PACKET_BYTES)));
    }
}
