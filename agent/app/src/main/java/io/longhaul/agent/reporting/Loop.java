package io.longhaul.agent.reporting;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a step again and again on a thread of its own, waiting as long as the step says or until it is woken. Thread
 * safe.
 */
public final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(5);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Step step;
    private final Semaphore wakes = new Semaphore(0);
    private volatile boolean closed;
    private @Nullable Thread thread;

    public Loop(Step step) {
        this.step = step;
    }

    public synchronized void start(ThreadFactory threads) {
        if (thread == null) {
            thread = threads.newThread(this::run);
            thread.start();
        }
    }

    /** Makes the next step come at once. Never blocks. */
    public void wake() {
        wakes.release();
    }

    private void run() {
        try {
            while (!closed) {
                Duration pause = guardedStep();
                var unused = wakes.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
                wakes.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The named run loop: a fault in one step must not silence this host for ever. */
    private Duration guardedStep() throws InterruptedException {
        try {
            return step.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A step of reporting failed; it is tried again", e);
            return AFTER_A_FAULT;
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running == null) {
            return;
        }
        try {
            running.join(CLOSING.toMillis());
            running.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One step; answers how long to wait before the next. */
    public interface Step {
        Duration run() throws InterruptedException;
    }
}
