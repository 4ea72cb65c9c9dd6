package io.longhaul.engine.progress;

/**
 * A time that is not known better than between these. Immutable.
 *
 * @param low at best
 * @param high where nothing gets worse than it is
 */
public record MillisRange(long low, long high) {
    public MillisRange {
        if (low < 0 || high < low) {
            throw new IllegalArgumentException("no range: " + low + " to " + high);
        }
    }

    static MillisRange of(double low, double high) {
        long least = Math.max(0, Math.round(low));
        return new MillisRange(least, Math.max(least, Math.round(high)));
    }

    /** One number for those who want only one. */
    public long middle() {
        return low + (high - low) / 2;
    }
}
