package io.longhaul.controlplane.support;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one piece of work whenever it is woken, never twice at a time. Thread safe. Wake-ups while it runs are collected
 * into one more run, so nothing queues up and no wake-up is lost.
 */
public final class SerialTask {

    private static final Logger log = LoggerFactory.getLogger(SerialTask.class);

    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(1);

    private enum Status {
        IDLE,
        SCHEDULED,
        RUNNING,
        RUNNING_AND_WOKEN,
        CLOSED
    }

    private final String name;
    private final Executor executor;
    private final ScheduledExecutorService timers;
    private final Runnable work;
    private final Object timerLock = new Object();

    private @Nullable ScheduledFuture<?> timer;

    private long timerNanos;

    private final AtomicReference<Status> status = new AtomicReference<>(Status.IDLE);

    public SerialTask(String name, ScheduledExecutorService executor, Runnable work) {
        this(name, executor, executor, work);
    }

    /**
     * @param executor runs the work
     * @param timers only wake it, which is over at once
     */
    public SerialTask(String name, Executor executor, ScheduledExecutorService timers, Runnable work) {
        this.name = name;
        this.executor = executor;
        this.timers = timers;
        this.work = work;
    }

    public void wake() {
        Status before = status.getAndUpdate(now -> switch (now) {
            case IDLE, SCHEDULED -> Status.SCHEDULED;
            case RUNNING, RUNNING_AND_WOKEN -> Status.RUNNING_AND_WOKEN;
            case CLOSED -> Status.CLOSED;
        });
        if (before == Status.IDLE) {
            submit();
        }
    }

    /** At most one such wake-up is outstanding, the earliest asked for. */
    public void wakeAfter(Duration delay) {
        long nanos = Math.max(1, delay.toNanos());
        long at = System.nanoTime() + nanos;
        synchronized (timerLock) {
            if (timer != null && timerNanos - at <= 0) {
                return;
            }
            if (timer != null) {
                timer.cancel(false);
            }
            try {
                timer = timers.schedule(this::timerFired, nanos, TimeUnit.NANOSECONDS);
                timerNanos = at;
            } catch (RejectedExecutionException e) {
                log.debug("{} is not woken again: shutting down", name);
            }
        }
    }

    /** No run begins after this; one under way finishes. */
    public void close() {
        status.set(Status.CLOSED);
        synchronized (timerLock) {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }
    }

    private void timerFired() {
        synchronized (timerLock) {
            timer = null;
        }
        wake();
    }

    private void submit() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            log.debug("{} is not run again: shutting down", name);
        } catch (RuntimeException | Error e) {
            log.error("{} could not be run; it is tried again in {} s", name, AFTER_A_FAULT.toSeconds(), e);
            status.compareAndSet(Status.SCHEDULED, Status.IDLE);
            wakeInAMoment();
        }
    }

    private void wakeInAMoment() {
        try {
            wakeAfter(AFTER_A_FAULT);
        } catch (RuntimeException | Error e) {
            log.error("{} waits for its next wake-up", name, e);
        }
    }

    private void run() {
        if (!status.compareAndSet(Status.SCHEDULED, Status.RUNNING)) {
            return;
        }
        runAndLogErrors();
        Status before = status.getAndUpdate(now -> switch (now) {
            case RUNNING -> Status.IDLE;
            case RUNNING_AND_WOKEN -> Status.SCHEDULED;
            case IDLE, SCHEDULED, CLOSED -> now;
        });
        if (before == Status.RUNNING_AND_WOKEN) {
            submit();
        }
    }

    private void runAndLogErrors() {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            log.error("{} failed; it runs again at its next wake-up", name, e);
        }
    }
}
