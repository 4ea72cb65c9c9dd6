package io.longhaul.engine.transport;

import java.util.Arrays;

/** What compression was seen to do to one stream. Not thread safe: its owner's lock guards it. */
final class StreamGain {
    /** Less saved than this is not worth the other side's work. */
    static final double WORTHWHILE_RATIO = 0.95;

    /** A pocket of compressed data is left again after at most so many frames. */
    private static final int SKIPPED_FRAMES_LIMIT = 31;

    private static final double SMOOTHING = 0.2;
    private static final int LEVELS = CompressionLevel.values().length;

    private final double[] ratios = new double[LEVELS];
    private final double[] bytesPerNano = new double[LEVELS];
    private int misses;
    private int toSkip;
    long nextSampleNanos;
    long windowBytes;

    StreamGain() {
        Arrays.fill(ratios, Double.NaN);
    }

    void note(CompressionLevel level, int bytes, int compressedBytes, long nanos) {
        int index = level.ordinal();
        double ratio = (double) compressedBytes / bytes;
        double speed = (double) bytes / Math.max(1, nanos);
        if (Double.isNaN(ratios[index])) {
            ratios[index] = ratio;
            bytesPerNano[index] = speed;
            return;
        }
        ratios[index] += SMOOTHING * (ratio - ratios[index]);
        bytesPerNano[index] += SMOOTHING * (speed - bytesPerNano[index]);
    }

    /** A frame was compressed for nothing, or not for nothing: after some of the first kind as many are passed over. */
    void tried(boolean worthwhile) {
        misses = worthwhile ? 0 : Math.min(SKIPPED_FRAMES_LIMIT, misses * 2 + 1);
        toSkip = misses;
    }

    boolean skips() {
        if (toSkip > 0) {
            toSkip--;
            return true;
        }
        return false;
    }

    /** 1 where it is not known. */
    double ratio(CompressionLevel level) {
        double ratio = ratios[level.ordinal()];
        return level == CompressionLevel.NONE || Double.isNaN(ratio) ? 1 : ratio;
    }

    double bytesPerNano(CompressionLevel level) {
        return bytesPerNano[level.ordinal()];
    }
}
