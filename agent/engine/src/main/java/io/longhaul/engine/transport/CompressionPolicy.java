package io.longhaul.engine.transport;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides which frames of a link are compressed and how hard, by what was measured. Thread safe: the writers ask and
 * tell, each a few times per frame; nothing is compressed under the lock.
 *
 * <p>Every 100 ms: where the writers stood waiting for the wire, and a sample of the busiest stream says that the next
 * level saves more and that its compressor keeps up with what the wire would then carry, that level is taken. Where the
 * writers rather compress than write, or do not wait at all, it goes one back: a fast wire never waits for a compressor.
 *
 * <p>What shrinks by a fifth at the fastest level is compressed so wherever its bytes go: encryption and sockets at both
 * ends cost more per byte than that level does. That holds for a stream by its latest frames, and for a frame by its own
 * sample: memory is a patchwork.
 *
 * <p>Samples are of 16 KiB, one in 2 ms and stream: 13 to 40 microseconds, so at most 2 % of a core for what turns out not
 * to be compressible. At 1 Gbit/s that is every frame of the memory.
 */
final class CompressionPolicy {
    static final int SAMPLE_BYTES = 16 * 1024;
    static final long WINDOW_NANOS = 100_000_000;

    /** Headers and references: nothing to gain. */
    static final int LEAST_BYTES = 1024;

    private static final long SAMPLE_INTERVAL_NANOS = 2_000_000;
    /** After a level turned out too slow. */
    private static final long HOLD_NANOS = 2_000_000_000;

    private static final double WAITING_SHARE = 0.3;
    private static final double IDLE_SHARE = 0.05;
    private static final double COMPRESSING_SHARE = 0.6;
    private static final double SPARE = 1.2;
    private static final double ALWAYS_WORTHWHILE_RATIO = 0.8;
    private static final int STREAMS_LIMIT = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable StreamGain[] streams = new StreamGain[STREAMS_LIMIT];
    private final boolean enabled;
    private CompressionLevel level = CompressionLevel.NONE;
    private long windowStartNanos;
    private long writingNanos;
    private long compressingNanos;
    private long wireBytes;
    private long holdUntilNanos;

    CompressionPolicy(boolean enabled, long nowNanos) {
        this.enabled = enabled;
        this.windowStartNanos = nowNanos;
        this.holdUntilNanos = nowNanos;
    }

    /**
     * @param level to compress the frame with
     * @param sample a level to try on a piece of the frame first; {@code NONE} for none
     */
    record Choice(CompressionLevel level, CompressionLevel sample) {
        private static final Choice RAW = new Choice(CompressionLevel.NONE, CompressionLevel.NONE);
    }

    Choice choose(int stream, int bytes, long nowNanos) {
        if (!enabled || bytes < LEAST_BYTES) {
            return Choice.RAW;
        }
        lock.lock();
        try {
            endWindow(nowNanos);
            StreamGain gain = gain(stream, nowNanos);
            gain.windowBytes += bytes;
            CompressionLevel worthTrying = worthTrying(gain);
            CompressionLevel chosen =
                    worthTrying != CompressionLevel.NONE && !gain.skips() ? worthTrying : CompressionLevel.NONE;
            if (nowNanos - gain.nextSampleNanos < 0) {
                return chosen == CompressionLevel.NONE ? Choice.RAW : new Choice(chosen, CompressionLevel.NONE);
            }
            gain.nextSampleNanos = nowNanos + SAMPLE_INTERVAL_NANOS;
            boolean triesThis = level != CompressionLevel.NONE && !worthwhile(gain);
            return new Choice(chosen, triesThis ? level : level.next());
        } finally {
            lock.unlock();
        }
    }

    /**
     * A piece of a frame was compressed to find out.
     *
     * @return whether this frame is worth compressing, whatever the stream's others were like
     */
    boolean sampled(int stream, CompressionLevel tried, int bytes, int compressedBytes, long nanos) {
        lock.lock();
        try {
            compressingNanos += nanos;
            gain(stream, windowStartNanos).note(tried, bytes, compressedBytes, nanos);
            return compressedBytes < bytes * ALWAYS_WORTHWHILE_RATIO;
        } finally {
            lock.unlock();
        }
    }

    /** @return whether the compressed frame is worth sending as such */
    boolean compressed(int stream, CompressionLevel used, int bytes, int compressedBytes, long nanos) {
        boolean worthwhile = compressedBytes < bytes * StreamGain.WORTHWHILE_RATIO;
        lock.lock();
        try {
            compressingNanos += nanos;
            StreamGain gain = gain(stream, windowStartNanos);
            gain.note(used, bytes, compressedBytes, nanos);
            gain.tried(worthwhile);
            return worthwhile;
        } finally {
            lock.unlock();
        }
    }

    /** @param nanos that the socket and the caps took */
    void wrote(long bytes, long nanos) {
        if (!enabled) {
            return;
        }
        lock.lock();
        try {
            wireBytes += bytes;
            writingNanos += nanos;
        } finally {
            lock.unlock();
        }
    }

    CompressionLevel level() {
        lock.lock();
        try {
            return level;
        } finally {
            lock.unlock();
        }
    }

    private void endWindow(long nowNanos) {
        long elapsed = nowNanos - windowStartNanos;
        if (elapsed < WINDOW_NANOS) {
            return;
        }
        boolean tooSlow = compressingNanos > COMPRESSING_SHARE * (compressingNanos + writingNanos);
        if (level != CompressionLevel.NONE && (tooSlow || writingNanos < elapsed * IDLE_SHARE)) {
            level = level.previous();
            holdUntilNanos = nowNanos + (tooSlow ? HOLD_NANOS : 0);
        } else if (writingNanos > elapsed * WAITING_SHARE && nowNanos - holdUntilNanos >= 0 && nextPays(elapsed)) {
            level = level.next();
        }
        windowStartNanos = nowNanos;
        writingNanos = 0;
        compressingNanos = 0;
        wireBytes = 0;
        for (StreamGain gain : streams) {
            if (gain != null) {
                gain.windowBytes = 0;
            }
        }
    }

    private boolean nextPays(long elapsedNanos) {
        StreamGain busiest = null;
        for (StreamGain gain : streams) {
            if (gain != null && (busiest == null || gain.windowBytes > busiest.windowBytes)) {
                busiest = gain;
            }
        }
        CompressionLevel next = level.next();
        if (busiest == null || next == level) {
            return false;
        }
        double ratio = busiest.ratio(next);
        double wouldCarry = wireBytes / (ratio * elapsedNanos);
        return ratio < busiest.ratio(level) * StreamGain.WORTHWHILE_RATIO
                && busiest.bytesPerNano(next) > wouldCarry * SPARE;
    }

    private CompressionLevel worthTrying(StreamGain gain) {
        if (level == CompressionLevel.NONE) {
            boolean always = gain.ratio(CompressionLevel.FASTEST) < ALWAYS_WORTHWHILE_RATIO;
            return always ? CompressionLevel.FASTEST : CompressionLevel.NONE;
        }
        return worthwhile(gain) ? level : CompressionLevel.NONE;
    }

    private boolean worthwhile(StreamGain gain) {
        return gain.ratio(level) < StreamGain.WORTHWHILE_RATIO;
    }

    private StreamGain gain(int stream, long nowNanos) {
        StreamGain gain = streams[stream];
        if (gain == null) {
            gain = new StreamGain();
            gain.nextSampleNanos = nowNanos;
            streams[stream] = gain;
        }
        return gain;
    }
}
