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

    /** What the stream served last had been served before: no stream that waits has less. */
    private long reachedBytes;

    void add(OutgoingFrame frame) {
        Waiting waiting = waiting(frame.stream());
        if (waiting.frames.isEmpty()) {
            // A stream that was quiet gets no credit for it, or it would block the others while it catches up.
            waiting.servedBytes = Math.max(waiting.servedBytes, reachedBytes);
        }
        waiting.frames.add(frame);
    }

    /** Puts frames of one stream that were served before in front of its others. Their bytes count again. */
    void addFirst(List<OutgoingFrame> frames) {
        for (int index = frames.size() - 1; index >= 0; index--) {
            OutgoingFrame frame = frames.get(index);
            Waiting waiting = waiting(frame.stream());
            if (waiting.frames.isEmpty()) {
                waiting.servedBytes = Math.max(waiting.servedBytes, reachedBytes);
            }
            waiting.frames.addFirst(frame);
        }
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
        reachedBytes = waiting.servedBytes;
        waiting.servedBytes += frame.wireBytes();
        return frame;
    }

    void clear() {
        streams.clear();
    }

    private @Nullable Waiting next() {
        Waiting least = null;
        for (Waiting waiting : streams) {
            waiting.dropObsolete();
            if (!waiting.frames.isEmpty() && (least == null || waiting.servedBytes < least.servedBytes)) {
                least = waiting;
            }
        }
        return least;
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

        /** A frame that was to be sent again and turned out to have arrived. */
        void dropObsolete() {
            while (!frames.isEmpty() && !frames.getFirst().isWaiting()) {
                frames.removeFirst();
            }
        }
    }
}
