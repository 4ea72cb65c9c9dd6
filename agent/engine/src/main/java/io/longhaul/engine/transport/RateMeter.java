package io.longhaul.engine.transport;

/** The rate of a growing count, smoothed over some seconds. Owned by the thread that samples; read by any. */
final class RateMeter {
    /** Long enough to be readable, short enough that a forecast follows a change within seconds. */
    private static final double SMOOTHING_SECONDS = 3;

    private static final double NANOS_PER_SECOND = 1e9;

    private long lastTotal;
    private long lastNanos;
    private double observedSeconds;
    private double perSecond;
    private volatile long published;

    RateMeter(long nowNanos) {
        lastNanos = nowNanos;
    }

    void sample(long total, long nowNanos) {
        double seconds = (nowNanos - lastNanos) / NANOS_PER_SECOND;
        if (seconds <= 0) {
            return;
        }
        observedSeconds += seconds;
        // At first the plain mean, so that the start does not count as seconds of nothing.
        double weight = Math.max(1 - Math.exp(-seconds / SMOOTHING_SECONDS), seconds / observedSeconds);
        perSecond += weight * ((total - lastTotal) / seconds - perSecond);
        lastTotal = total;
        lastNanos = nowNanos;
        published = Math.round(perSecond);
    }

    long perSecond() {
        return published;
    }
}
