package io.longhaul.engine.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Pauses that grow from a quarter of a second to ten, for what must be tried until it is done. Owned by one thread. */
public final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(250);
    private static final Duration MOST = Duration.ofSeconds(10);

    private Duration next = FIRST;

    /** Waits; at once interruptible. */
    public void pause() throws InterruptedException {
        long end = System.nanoTime() + next.toNanos();
        for (long left = next.toNanos(); left > 0; left = end - System.nanoTime()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting to try again");
            }
            LockSupport.parkNanos(this, left);
        }
        next = next.multipliedBy(2).compareTo(MOST) > 0 ? MOST : next.multipliedBy(2);
    }

    /** How many seconds the next pause takes, for the log. */
    public double nextSeconds() {
        return next.toMillis() / 1e3;
    }
}
