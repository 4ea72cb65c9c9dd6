package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets the writers of one link pass as the rate allows. Thread safe. */
final class RateLimiter {
    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TokenBucket bucket = new TokenBucket();
    private volatile boolean limited;
    private boolean released;

    RateLimiter(Ticker ticker) {
        this.ticker = ticker;
    }

    /** @param bytesPerSecond 0 for no limit */
    void limit(long bytesPerSecond) {
        lock.lock();
        try {
            if (bytesPerSecond > 0) {
                bucket.changeRate(bytesPerSecond, ticker.nanos());
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
}
