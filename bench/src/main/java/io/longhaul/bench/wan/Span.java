package io.longhaul.bench.wan;

/** A part of a move, by this machine's monotonic clock. Immutable. */
record Span(long fromNanos, long toNanos) {
    private static final double NANOS_PER_MILLI = 1e6;

    double millis() {
        return (toNanos - fromNanos) / NANOS_PER_MILLI;
    }

    double seconds() {
        return millis() / 1000;
    }
}
