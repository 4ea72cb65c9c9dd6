package io.longhaul.agent.probe;

import io.longhaul.engine.session.GuestWatch;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one guest's serial log. Thread safe. A thread of its own follows the log from {@link #watchTicks()} on, woken
 * by the kernel at each write; ticks that arrive together share a time.
 */
final class SerialLogWatch implements GuestWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLogWatch.class);

    /** Only bounds how late the thread sees {@link #close()} where closing does not wake it. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final Path log;
    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private final ThreadFactory threads;
    private @Nullable TickArrivals arrivals;
    private @Nullable FileChanges changes;
    private volatile boolean closed;

    SerialLogWatch(Path log, LongSupplier wallMillis, LongSupplier nanos, ThreadFactory threads) {
        this.log = log;
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.threads = threads;
    }

    @Override
    public synchronized void watchTicks() {
        if (arrivals != null || closed) {
            return;
        }
        LogLines lines = new LogLines(log);
        try {
            FileChanges opened = new FileChanges(log);
            changes = opened;
            lines.skipToEnd();
            // At the destination the log is new, and the guest has not run when the watch begins.
            TickArrivals noted = new TickArrivals(lines.atStart());
            arrivals = noted;
            threads.newThread(() -> follow(lines, opened, noted)).start();
        } catch (IOException e) {
            LOG.warn("The guest's ticks in {} cannot be watched: {}", log, e.toString());
        }
    }

    private void follow(LogLines lines, FileChanges opened, TickArrivals noted) {
        try {
            while (!closed) {
                opened.await(LONGEST_WAIT);
                long now = wallMillis.getAsLong();
                for (String line : lines.next()) {
                    GuestLine.parse(line)
                            .filter(found -> found.kind() == GuestLine.Kind.TICK)
                            .ifPresent(tick -> noted.arrived(now));
                }
            }
        } catch (ClosedWatchServiceException e) {
            LOG.trace("The watch on {} was closed", log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("The guest's ticks in {} are no longer watched: {}", log, e.toString());
        }
    }

    @Override
    public synchronized Optional<Ticks> ticks() {
        return Optional.ofNullable(arrivals).map(TickArrivals::ticks);
    }

    @Override
    public Optional<Boolean> awaitCheck(Duration deadline) throws InterruptedException {
        long end = nanos.getAsLong() + deadline.toNanos();
        LogLines lines = new LogLines(log);
        try (FileChanges written = new FileChanges(log)) {
            lines.skipToEnd();
            CheckOutcome outcome = new CheckOutcome();
            while (true) {
                lines.next().forEach(line -> GuestLine.parse(line).ifPresent(outcome::take));
                long left = end - nanos.getAsLong();
                if (outcome.passed().isPresent() || left <= 0 || closed) {
                    return outcome.passed();
                }
                written.await(Duration.ofNanos(Math.min(left, LONGEST_WAIT.toNanos())));
            }
        } catch (IOException e) {
            LOG.warn("The guest's checks in {} cannot be read: {}", log, e.toString());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (changes != null) {
            try {
                changes.close();
            } catch (IOException e) {
                LOG.debug("Closing the watch on {} failed: {}", log, e.toString());
            }
        }
    }

    /** The first check that both began and ended among the lines it is given. Owned by one thread. */
    static final class CheckOutcome {
        private long begun = -1;
        private Optional<Boolean> passed = Optional.empty();

        /** A failure counts also in a check begun before: it was found here, by a guest that runs here. */
        void take(GuestLine line) {
            if (passed.isPresent()) {
                return;
            }
            switch (line.kind()) {
                case CHECK_BEGAN -> begun = line.number();
                case CHECK_PASSED -> {
                    if (line.number() == begun) {
                        passed = Optional.of(true);
                    }
                }
                case CHECK_FAILED -> passed = Optional.of(false);
                case READY, TICK -> {
                    // say nothing about checks
                }
            }
        }

        Optional<Boolean> passed() {
            return passed;
        }
    }
}
