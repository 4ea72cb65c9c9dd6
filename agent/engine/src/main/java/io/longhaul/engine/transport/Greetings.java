package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections that have not proved themselves yet, few and not for long. Thread safe; one thread runs the deadlines. */
final class Greetings {
    private static final Logger LOG = LoggerFactory.getLogger(Greetings.class);
    private static final long AFTER_A_FAULT_NANOS = 1_000_000_000;

    /** Who has proved nothing gets at most so many threads; enough for some links of the most connections at once. */
    static final int LIMIT = 256;

    /** So many more are told, in what protects them, that there are too many; it takes a thread and a handshake each. */
    static final int TURNED_AWAY_LIMIT = 32;

    private final Duration timeout;
    private final Ticker ticker;
    private final Consumer<Connection> onLate;
    private final Map<Connection, Greeting> running = new HashMap<>();
    private boolean closed;

    /** @param turnedAway only told that there are too many: that is its end however long it takes to hear it */
    private record Greeting(Thread thread, long deadlineNanos, boolean turnedAway) {}

    /** @param onLate told before one that is greeted and takes too long is closed */
    Greetings(Duration timeout, Ticker ticker, Consumer<Connection> onLate) {
        this.timeout = timeout;
        this.ticker = ticker;
        this.onLate = onLate;
    }

    /** Starts the thread, unless there are too many or it is closed. */
    boolean begin(Connection connection, Thread thread) {
        return begin(connection, thread, false);
    }

    /** As {@link #begin(Connection, Thread)}, for one that is only told that there are too many; these count apart. */
    boolean turnAway(Connection connection, Thread thread) {
        return begin(connection, thread, true);
    }

    private synchronized boolean begin(Connection connection, Thread thread, boolean turnedAway) {
        long others = running.values().stream()
                .filter(greeting -> greeting.turnedAway() == turnedAway)
                .count();
        if (closed || others >= (turnedAway ? TURNED_AWAY_LIMIT : LIMIT)) {
            return false;
        }
        running.put(connection, new Greeting(thread, ticker.nanos() + timeout.toNanos(), turnedAway));
        thread.start();
        notifyAll();
        return true;
    }

    /** @return false where it was ended before, or took too long */
    synchronized boolean end(Connection connection) {
        return running.remove(connection) != null;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Closes those that take too long, until this is closed. */
    void watch() {
        try {
            while (watchOrTryAgain()) {
                // Each round waits for the next deadline.
            }
        } catch (InterruptedException stopped) {
            close();
        }
    }

    /** @return the threads, which are about to end */
    List<Thread> close() {
        List<Connection> connections;
        List<Thread> threads = new ArrayList<>();
        synchronized (this) {
            closed = true;
            notifyAll();
            connections = List.copyOf(running.keySet());
            running.values().forEach(greeting -> threads.add(greeting.thread()));
        }
        connections.forEach(Sockets::closeQuietly);
        return threads;
    }

    /** A fault in one round must not end all deadlines: who says nothing would fill this for ever. */
    private boolean watchOrTryAgain() throws InterruptedException {
        try {
            return watchOnce();
        } catch (RuntimeException | Error fault) {
            LOG.error("the deadlines of greetings were not looked at; they are in a moment", fault);
            synchronized (this) {
                TimeUnit.NANOSECONDS.timedWait(this, AFTER_A_FAULT_NANOS);
            }
            return true;
        }
    }

    private boolean watchOnce() throws InterruptedException {
        Map<Connection, Greeting> late = new HashMap<>();
        synchronized (this) {
            if (closed) {
                return false;
            }
            long now = ticker.nanos();
            long next = Long.MAX_VALUE;
            for (Map.Entry<Connection, Greeting> entry : running.entrySet()) {
                long left = entry.getValue().deadlineNanos() - now;
                if (left <= 0) {
                    late.put(entry.getKey(), entry.getValue());
                }
                next = Math.min(next, left);
            }
            running.keySet().removeAll(late.keySet());
            if (late.isEmpty() && next == Long.MAX_VALUE) {
                wait();
            } else if (late.isEmpty()) {
                TimeUnit.NANOSECONDS.timedWait(this, next);
            }
        }
        try {
            late.forEach((connection, greeting) -> {
                if (!greeting.turnedAway()) {
                    onLate.accept(connection);
                }
            });
        } finally {
            late.keySet().forEach(Sockets::closeQuietly);
        }
        return true;
    }
}
