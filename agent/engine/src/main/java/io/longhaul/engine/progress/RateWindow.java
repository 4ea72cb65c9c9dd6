package io.longhaul.engine.progress;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * How fast a counter that never falls has grown lately, and at its fastest. Owned by one thread; what it says is pure
 * arithmetic on what it was given.
 */
public final class RateWindow {
    /** Long enough that a burst into a socket's buffer is no rate, short enough to follow a link that changes. */
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A shorter stretch says more about when it was asked than about the link. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Deque<Sample> samples = new ArrayDeque<>();
    private long peak;

    private record Sample(long nanos, long total) {}

    /** @param total the counter now */
    public void add(long nowNanos, long total) {
        samples.addLast(new Sample(nowNanos, total));
        while (samples.size() > 2 && nowNanos - samples.getFirst().nanos() > WINDOW_NANOS) {
            samples.removeFirst();
        }
        peak = Math.max(peak, perSecond());
    }

    /** Over the last half second; 0 until there is enough to tell. */
    public long perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        long nanos = samples.getLast().nanos() - samples.getFirst().nanos();
        if (nanos < LEAST_NANOS) {
            return 0;
        }
        long grown = samples.getLast().total() - samples.getFirst().total();
        return Math.round(grown * (double) TimeUnit.SECONDS.toNanos(1) / nanos);
    }

    /** The most that {@link #perSecond} ever was: what the link can carry, as far as it was asked to. */
    public long peakPerSecond() {
        return peak;
    }
}
