package io.longhaul.engine.memory;

import java.util.Arrays;

/**
 * How fast the link takes the memory stream, in the hypervisor's bytes: the fastest of the last samples. A sample in which
 * nobody had to wait for the link says only that there was little to send, and counts where it is faster than all others.
 * Not thread safe: its owner's lock guards it.
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
    private long lastBytes;
    private long perSecond;
    private boolean limited;

    DrainRate(long nowNanos) {
        sampleStartNanos = nowNanos;
    }

    /** The sender had to wait for the link. */
    void waited() {
        limited = true;
    }

    /** A frame goes out where nothing was under way: the time before it says nothing about the link. */
    void resumed(long nowNanos) {
        sampleStartNanos = nowNanos;
        sampleStartBytes = lastBytes;
    }

    void drained(long totalBytes, long nowNanos) {
        lastBytes = totalBytes;
        long nanos = nowNanos - sampleStartNanos;
        if (nanos < SAMPLE_NANOS) {
            return;
        }
        long sample = (long) ((double) (totalBytes - sampleStartBytes) / nanos * NANOS_PER_SECOND);
        if (limited || sample > perSecond) {
            samples[sampleCount++ % SAMPLES] = sample;
            perSecond = Arrays.stream(samples).max().orElse(0);
        }
        limited = false;
        sampleStartNanos = nowNanos;
        sampleStartBytes = totalBytes;
    }

    long perSecond() {
        return perSecond;
    }

    long nanosFor(long bytes) {
        return perSecond == 0 ? 0 : (long) ((double) bytes / perSecond * NANOS_PER_SECOND);
    }
}
