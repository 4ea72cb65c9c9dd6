package io.longhaul.engine.transport;

import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** The sending side of one stream. Thread safe. */
public interface StreamSender {

    /**
     * Waits until the window has room, then queues the frame. The payload is no longer the caller's until acknowledged.
     *
     * @return the frame's number in the stream, from 0
     * @throws LinkException where the link has ended
     */
    long send(Frame frame) throws LinkException, InterruptedException;

    /** As {@link #send} but never waits: empty where the window has no room or the link has ended. */
    OptionalLong trySend(Frame frame);

    /**
     * Calls with the number of each frame that the receiver has consumed, once each, on a thread of the link, one at a
     * time; must not block. By then no thread of the link reads the payload any more, also where the frame was sent again: it
     * is the caller's, who may use it for another. Once, and before the first frame is sent: what was acknowledged earlier is not told.
     */
    void onAcknowledged(LongConsumer listener);

    /** Bytes of payload and headers sent and not acknowledged. */
    long unacknowledgedBytes();

    /** Waits until every frame sent so far is acknowledged. */
    void awaitAcknowledged() throws LinkException, InterruptedException;
}
