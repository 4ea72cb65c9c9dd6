package io.longhaul.engine.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames that wait for a connection, by stream; the stream that was served the fewest bytes goes next, so that neither
 * many small frames nor few large ones starve another stream. Not thread safe: its owner's lock guards it. Bounded by
 * the windows of the streams.
 */
final class FairQueue {
    private final List<Waiting> streams = new ArrayList<>();

    void add(OutgoingFrame frame) {
        Waiting waiting = waiting(frame.stream());
        if (waiting.frames.isEmpty()) {
            // A stream that was quiet gets no credit for it, or it would block the others while it catches up.
            waiting.servedBytes = Math.max(waiting.servedBytes, leastServedBytes());
        }
        waiting.frames.add(frame);
    }

    boolean isEmpty() {
        return next() == null;
    }

    /** The next frame if it has at most so many bytes; null where it has more, or where there is none. */
    @Nullable
    OutgoingFrame poll(int bytesLimit) {
        Waiting waiting = next();
        if (waiting == null || waiting.frames.getFirst().wireBytes() > bytesLimit) {
            return null;
        }
        OutgoingFrame frame = waiting.frames.removeFirst();
        waiting.servedBytes += frame.wireBytes();
        return frame;
    }

    void clear() {
        streams.clear();
    }

    private @Nullable Waiting next() {
        Waiting least = null;
        for (Waiting waiting : streams) {
            if (!waiting.frames.isEmpty() && (least == null || waiting.servedBytes < least.servedBytes)) {
                least = waiting;
            }
        }
        return least;
    }

    private long leastServedBytes() {
        Waiting least = next();
        return least == null ? 0 : least.servedBytes;
    }

    private Waiting waiting(int stream) {
        for (Waiting waiting : streams) {
            if (waiting.stream == stream) {
                return waiting;
            }
        }
        Waiting added = new Waiting(stream);
        streams.add(added);
        return added;
    }

    private static final class Waiting {
        private final int stream;
        private final Deque<OutgoingFrame> frames = new ArrayDeque<>();
        private long servedBytes;

        Waiting(int stream) {
            this.stream = stream;
        }
    }
}
