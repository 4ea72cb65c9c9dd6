package io.longhaul.controlplane.support;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Ends a pool when the application stops: after the web server has taken its last request, and before the database goes.
 * Thread safe. It interrupts nobody: an interrupt during a write closes the file of an H2 database under everybody.
 */
final class EndOfWork implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(EndOfWork.class);

    /** A piece of work is a short transaction. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ExecutorService pool;

    EndOfWork(ExecutorService pool) {
        this.pool = pool;
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Work was still going on {} s after the stop was asked for", PATIENCE.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return !pool.isShutdown();
    }

    /** Lower than the web server's, so later. */
    @Override
    public int getPhase() {
        return 0;
    }
}
