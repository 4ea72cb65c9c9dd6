package io.longhaul.engine.transport;

import java.util.function.Consumer;

/**
 * One migration's link to the other agent: numbered streams of frames, carried by N TCP connections. Thread safe.
 *
 * <p>A frame sent on a stream is handed to the other side's receiver of that stream exactly once. Frames of an
 * {@link Ordering#ORDERED} stream arrive in the order of sending, others in any order. There is no order across streams:
 * who needs one counts frames (see GRANT in docs/transfer.md).
 *
 * <p>What is sent and not acknowledged is bounded per stream by its window, in bytes and in frames; so is, therefore,
 * what the receiver must hold. A connection's reading thread never waits for a receiver.
 */
public interface Link extends AutoCloseable {

    /** Opens the sending side of a stream. Once per number and side. */
    StreamSender sender(StreamId stream);

    /** Sets who takes the frames of a stream. Once per number; frames that arrived before wait within the window. */
    void receive(StreamId stream, FrameReceiver receiver);

    /** Caps what this side puts on the wire, frames and headers, over all connections; 0 for no cap. Any time. */
    void limitRate(long bytesPerSecond);

    LinkStatistics statistics();

    /**
     * Calls once when the link has ended, with the reason; at once where it already has. A link ends when it is closed
     * here or there, when all its connections are lost, or when the peer has not been heard of for the configured time.
     */
    void onEnd(Consumer<LinkEnd> listener);

    /** Ends the link; what is not acknowledged may or may not arrive. Idempotent. */
    @Override
    void close();

    enum Ordering {
        ORDERED,
        UNORDERED
    }

    /**
     * The streams there are. Their numbers are on the wire.
     *
     * @param number 0 to 255
     */
    record StreamId(int number, Ordering ordering) {
        public static final StreamId CONTROL = new StreamId(0, Ordering.ORDERED);
        public static final StreamId MEMORY = new StreamId(1, Ordering.ORDERED);

        /** From the memory's destination back to its source: a few bytes for each frame of references. */
        public static final StreamId MEMORY_RETURN = new StreamId(2, Ordering.ORDERED);

        /** @param diskIndex position of the disk in the machine's definition */
        public static StreamId disk(int diskIndex) {
            return new StreamId(16 + diskIndex, Ordering.UNORDERED);
        }
    }

    /**
     * @param closed true where it was closed on purpose, here or by the peer
     * @param reason for people
     */
    record LinkEnd(boolean closed, String reason) {}

    /**
     * @param bytesSent put on the wire by this side, headers included
     * @param bytesReceived taken from the wire by this side
     * @param sentPerSecond over the last seconds
     * @param roundTripMillis smoothed; NaN until measured
     * @param peerClockOffsetMillis peer's wall clock minus ours, from the exchange with the smallest round trip; NaN
     *     until measured
     */
    record LinkStatistics(
            long bytesSent,
            long bytesReceived,
            long sentPerSecond,
            double roundTripMillis,
            double peerClockOffsetMillis) {}
}
