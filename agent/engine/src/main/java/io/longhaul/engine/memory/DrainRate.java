package io.longhaul.engine.memory;

/**
 * How fast the link takes the memory stream, in the hypervisor's bytes: the fastest of the last samples, since a slow one
 * may only say that there was little to send. Not thread safe: its owner's lock guards it.
 */
final class DrainRate {
    /** Acknowledgements come in batches; a shorter sample would measure these. */
    private static final long SAMPLE_NANOS = 100_000_000;

    /** Some two seconds of samples: a link that slows down is believed after that. */
    private static final int SAMPLES = 16;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final long[] samples = new long[SAMPLES];
    private int sampleCount;
    private long sampleStartNanos;
    private long sampleStartBytes;
    private long perSecond;

    DrainRate(long nowNanos) {
        sampleStartNanos = nowNanos;
    }

    /** @param idle nothing is under way any more, so the time until the next frame says nothing about the link */
    void drained(long totalBytes, boolean idle, long nowNanos) {
        long nanos = nowNanos - sampleStartNanos;
        if (nanos >= SAMPLE_NANOS) {
            samples[sampleCount++ % SAMPLES] =
                    (long) ((double) (totalBytes - sampleStartBytes) / nanos * NANOS_PER_SECOND);
            perSecond = 0;
            for (long sample : samples) {
                perSecond = Math.max(perSecond, sample);
            }
        }
        if (nanos >= SAMPLE_NANOS || idle) {
            sampleStartNanos = nowNanos;
            sampleStartBytes = totalBytes;
        }
    }

    long perSecond() {
        return perSecond;
    }

    long nanosFor(long bytes) {
        return perSecond == 0 ? 0 : (long) ((double) bytes / perSecond * NANOS_PER_SECOND);
    }
}
