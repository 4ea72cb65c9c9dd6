package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Consumed frames that the peer is to hear of. Not thread safe: its owner's lock guards it.
 *
 * <p>The first one after a pause is due at once, so that a lone frame is acknowledged without delay. Then at most one
 * batch a millisecond: at 1 GB/s that is one write for 16 frames instead of 16, and a millisecond is nothing beside the
 * round trips that make windows matter. A batch of many bytes does not wait, for the sender might.
 *
 * <p>Bounded by the windows: what waits here still counts against the sender.
 */
final class AckBatch {
    static final long INTERVAL_NANOS = 1_000_000;

    private final long urgentBytes;
    private final List<AckRange> ranges = new ArrayList<>();
    private final int[] lastRangeOfStream = new int[256];
    private long pendingBytes;
    private long drainedAtNanos;

    AckBatch(long urgentBytes, long nowNanos) {
        this.urgentBytes = urgentBytes;
        this.drainedAtNanos = nowNanos - INTERVAL_NANOS;
        Arrays.fill(lastRangeOfStream, -1);
    }

    void add(int stream, long number, int bytes) {
        pendingBytes += bytes;
        int last = lastRangeOfStream[stream];
        if (last >= 0 && ranges.get(last).isFollowedBy(stream, number)) {
            ranges.set(last, ranges.get(last).withNext());
            return;
        }
        lastRangeOfStream[stream] = ranges.size();
        ranges.add(new AckRange(stream, number, 1));
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Nanoseconds until the batch should go; 0 or less for now, and {@link Long#MAX_VALUE} where it is empty. */
    long nanosUntilDue(long nowNanos) {
        if (ranges.isEmpty()) {
            return Long.MAX_VALUE;
        }
        return pendingBytes >= urgentBytes ? 0 : drainedAtNanos + INTERVAL_NANOS - nowNanos;
    }

    /** Takes what fits one ACK frame. */
    List<AckRange> drain(long nowNanos) {
        int count = Math.min(ranges.size(), FrameCodec.ACK_RANGES_LIMIT);
        List<AckRange> taken = List.copyOf(ranges.subList(0, count));
        ranges.subList(0, count).clear();
        Arrays.fill(lastRangeOfStream, -1);
        if (ranges.isEmpty()) {
            pendingBytes = 0;
            drainedAtNanos = nowNanos;
        }
        return taken;
    }
}
