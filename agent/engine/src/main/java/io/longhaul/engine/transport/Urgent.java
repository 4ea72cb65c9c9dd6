package io.longhaul.engine.transport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the urgent connection is to write next, in this order. Immutable.
 *
 * @param ping whether to measure the round trip
 * @param end the last words of this side, after which nothing is written
 */
record Urgent(
        List<AckRange> acks,
        boolean ping,
        @Nullable Answer answer,
        List<OutgoingFrame> frames,
        @Nullable Ending end) {

    /** A ping to be answered. */
    record Answer(long number, long receivedWallMicros) {}

    record Ending(boolean closed, String reason) {}
}
