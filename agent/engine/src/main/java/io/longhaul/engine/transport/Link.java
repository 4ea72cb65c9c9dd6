package io.longhaul.engine.transport;

import java.time.Duration;
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
 *
 * <p>A lost connection is opened again, and so is a lost link, for as long as the patience lasts; what was on the way is
 * sent again as far as the receiver does not have it. Streams notice nothing but the time it takes.
 */
public interface Link extends AutoCloseable {

    /** Opens the sending side of a stream. Once per number and side. */
    StreamSender sender(StreamId stream);

    /** Sets who takes the frames of a stream. Once per number; frames that arrived before wait within the window. */
    void receive(StreamId stream, FrameReceiver receiver);

    /**
     * Caps what this side puts on the wire, over all connections, in bytes of IP packets; 0 for no cap. Any time. The
     * cap that all links of the process share holds as well.
     */
    void limitRate(long bytesPerSecond);

    /**
     * How long an outage may last before this side ends the link; zero for not at all. Any time: an outage that has
     * lasted longer already ends the link at once. Each side has its own.
     */
    void patience(Duration longest);

    LinkStatistics statistics();

    /**
     * Calls once when the link has ended, with the reason; at once where it already has. A link ends when it is closed
     * here or there, when an outage lasts longer than the patience, when the peer does not know it any more, or when the
     * peer breaks the protocol again and again.
     */
    void onEnd(Consumer<LinkEnd> listener);

    /**
     * Calls when an outage begins and when it is over, in this order, on a thread of the link; must not block. One that
     * is under way is told at once.
     */
    void onOutage(Consumer<LinkOutage> listener);

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
        public StreamId {
            if (number < 0 || number > 255) {
                throw new IllegalArgumentException("a stream's number is 0 to 255, not " + number);
            }
        }

        public static final StreamId CONTROL = new StreamId(0, Ordering.ORDERED);
        public static final StreamId MEMORY = new StreamId(1, Ordering.ORDERED);

        /** From the memory's destination back to its source: a few bytes for each frame of references. */
        public static final StreamId MEMORY_RETURN = new StreamId(2, Ordering.ORDERED);

        /** More would not find a number. */
        public static final int DISKS_LIMIT = 112;

        /** @param diskIndex position of the disk in the machine's definition */
        public static StreamId disk(int diskIndex) {
            return new StreamId(16 + checked(diskIndex), Ordering.UNORDERED);
        }

        /**
         * What the destination tells the source of one disk.
         *
         * @param diskIndex position of the disk in the machine's definition
         */
        public static StreamId diskReturn(int diskIndex) {
            return new StreamId(16 + DISKS_LIMIT + checked(diskIndex), Ordering.ORDERED);
        }

        private static int checked(int diskIndex) {
            if (diskIndex < 0 || diskIndex >= DISKS_LIMIT) {
                throw new IllegalArgumentException(
                        "a disk's index is 0 to " + (DISKS_LIMIT - 1) + ", not " + diskIndex);
            }
            return diskIndex;
        }
    }

    /**
     * @param closed true where it was closed on purpose, here or by the peer
     * @param reason for people
     */
    record LinkEnd(boolean closed, String reason) {}

    /**
     * Nothing can be acknowledged: the connection for what is urgent is lost, or all the others are.
     *
     * @param over false at its beginning
     * @param reason what was lost first, for people
     * @param lasted zero at its beginning
     */
    record LinkOutage(boolean over, String reason, Duration lasted) {}

    /**
     * @param bytesSent put on the wire by this side, headers included
     * @param bytesReceived taken from the wire by this side
     * @param sentPerSecond over the last seconds
     * @param roundTripMillis smoothed; NaN until measured
     * @param peerClockOffsetMillis peer's wall clock minus ours, from the exchange with the smallest round trip; NaN
     *     until measured
     * @param connectionsOpen the one for what is urgent included
     * @param resilience what losses there were and what they cost
     * @param compression what it has saved
     */
    record LinkStatistics(
            long bytesSent,
            long bytesReceived,
            long sentPerSecond,
            double roundTripMillis,
            double peerClockOffsetMillis,
            int connectionsOpen,
            Resilience resilience,
            Compression compression) {

        /** Of a side that has no link yet, or had one without losses. */
        public LinkStatistics(
                long bytesSent,
                long bytesReceived,
                long sentPerSecond,
                double roundTripMillis,
                double peerClockOffsetMillis) {
            this(
                    bytesSent,
                    bytesReceived,
                    sentPerSecond,
                    roundTripMillis,
                    peerClockOffsetMillis,
                    0,
                    Resilience.NONE,
                    Compression.NONE);
        }
    }

    /**
     * @param bytesResent of frames that were sent before, headers included, as they were before compression
     * @param reconnects connections opened in the place of lost ones
     * @param outages begun
     */
    record Resilience(long bytesResent, long reconnects, long outages) {
        public static final Resilience NONE = new Resilience(0, 0, 0);
    }

    /**
     * @param bytesBeforeCompression of the payloads that were sent compressed
     * @param bytesSaved of them
     */
    record Compression(long bytesBeforeCompression, long bytesSaved) {
        public static final Compression NONE = new Compression(0, 0);
    }
}
