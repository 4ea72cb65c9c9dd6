package io.longhaul.engine.transport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the urgent connection is to write next, in this order. Immutable but for its frames.
 *
 * @param ping whether to measure the round trip
 * @param heldAnswer the number of a question of the peer what has come; 0 for none
 * @param question the number of a question to the peer what has come; 0 for none
 * @param end the last words of this side, after which nothing is written
 */
record Urgent(
        List<AckRange> acks,
        boolean ping,
        @Nullable Answer answer,
        long heldAnswer,
        long question,
        List<OutgoingFrame> frames,
        @Nullable Ending end) {

    /** A ping to be answered. */
    record Answer(long number, long receivedWallMicros) {}

    record Ending(boolean closed, String reason) {}
}
