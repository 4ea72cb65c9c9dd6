package io.longhaul.engine.transport;

/**
 * Bytes that may be written now, refilled by time. Not thread safe: its owner's lock guards it.
 *
 * <p>Given out in slices of 10 ms worth, and holding at most three: so in any second at most 3 % more than the rate
 * leaves, and a writer that wakes up 20 ms late still loses nothing.
 */
final class TokenBucket {
    static final int SLICE_LIMIT_BYTES = 256 * 1024;
    /** One packet; smaller slices would only cost. */
    private static final int SLICE_LEAST_BYTES = 1500;

    private static final int SLICES_PER_SECOND = 100;
    private static final double DEPTH_SECONDS = 0.03;
    private static final double NANOS_PER_SECOND = 1e9;

    private long bytesPerSecond;
    private double tokens;
    private long refilledAtNanos;

    /** @param limit above 0 */
    void changeRate(long limit, long nowNanos) {
        refill(nowNanos);
        bytesPerSecond = limit;
        tokens = Math.min(tokens, depthBytes());
    }

    /** @return how many of the wanted bytes, at most one slice, may be written now; 0 for none yet */
    long take(long wantedBytes, long nowNanos) {
        refill(nowNanos);
        long slice = Math.min(wantedBytes, sliceBytes());
        if (tokens < slice) {
            return 0;
        }
        tokens -= slice;
        return slice;
    }

    /** Takes bytes that go without waiting; the others wait the longer. */
    void charge(long bytes, long nowNanos) {
        refill(nowNanos);
        tokens -= bytes;
    }

    /** How long after the last refused {@link #take} it is worth trying again. */
    long nanosUntil(long wantedBytes) {
        double missing = Math.min(wantedBytes, sliceBytes()) - tokens;
        return missing <= 0 ? 0 : (long) Math.ceil(missing / bytesPerSecond * NANOS_PER_SECOND);
    }

    private void refill(long nowNanos) {
        tokens = Math.min(depthBytes(), tokens + bytesPerSecond * ((nowNanos - refilledAtNanos) / NANOS_PER_SECOND));
        refilledAtNanos = nowNanos;
    }

    private long sliceBytes() {
        return Math.min(SLICE_LIMIT_BYTES, Math.max(SLICE_LEAST_BYTES, bytesPerSecond / SLICES_PER_SECOND));
    }

    private double depthBytes() {
        return Math.max(sliceBytes(), bytesPerSecond * DEPTH_SECONDS);
    }
}
