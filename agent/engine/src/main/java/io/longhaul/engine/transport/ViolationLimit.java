package io.longhaul.engine.transport;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many violations of the protocol a link survives: a damaged frame costs a connection, a peer that keeps breaking the
 * protocol the link. Thread safe.
 */
final class ViolationLimit {
    static final int LIMIT = 3;
    static final long PERIOD_NANOS = 60_000_000_000L;

    private final Deque<Long> times = new ArrayDeque<>();

    /** @return whether this one is too many */
    synchronized boolean add(long nowNanos) {
        while (!times.isEmpty() && nowNanos - times.getFirst() > PERIOD_NANOS) {
            times.removeFirst();
        }
        times.add(nowNanos);
        return times.size() > LIMIT;
    }
}
