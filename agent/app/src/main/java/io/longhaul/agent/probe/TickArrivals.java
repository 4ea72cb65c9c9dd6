package io.longhaul.agent.probe;

import io.longhaul.engine.session.GuestWatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * The arrival times of ticks next to a switchover: at the source the last two seconds before the guest fell silent, at
 * the destination the first two after it was heard. Thread safe; bounded.
 */
final class TickArrivals {
    /** Wider, and slow moments far from the switchover would be counted as part of it. */
    static final long WINDOW_MILLIS = 2_000;

    /** A guest that ticks faster than once in half a millisecond is not timed closer. */
    private static final int LIMIT = 4_096;

    private final boolean arriving;
    private final Deque<Long> window = new ArrayDeque<>();
    private OptionalLong first = OptionalLong.empty();
    private OptionalLong last = OptionalLong.empty();

    /** @param arriving true at the destination, false at the source */
    TickArrivals(boolean arriving) {
        this.arriving = arriving;
    }

    synchronized void arrived(long nowMillis) {
        if (first.isEmpty()) {
            first = OptionalLong.of(nowMillis);
        }
        last = OptionalLong.of(nowMillis);
        if (arriving) {
            if (nowMillis - first.getAsLong() <= WINDOW_MILLIS && window.size() < LIMIT) {
                window.addLast(nowMillis);
            }
            return;
        }
        window.addLast(nowMillis);
        while (window.size() > LIMIT || nowMillis - window.getFirst() > WINDOW_MILLIS) {
            window.removeFirst();
        }
    }

    synchronized GuestWatch.Ticks ticks() {
        long longest = 0;
        long previous = window.isEmpty() ? 0 : window.getFirst();
        for (long arrival : window) {
            longest = Math.max(longest, arrival - previous);
            previous = arrival;
        }
        return new GuestWatch.Ticks(first, last, longest);
    }
}
