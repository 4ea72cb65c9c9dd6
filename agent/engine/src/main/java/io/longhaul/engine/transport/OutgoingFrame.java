package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/**
 * A frame with its number and its own view of the payload, kept until it is acknowledged. The outbox's lock guards what
 * changes; see {@link SendWindow} for the states.
 */
final class OutgoingFrame {
    /** What the sender knows of a frame. */
    enum State {
        /** Waits here for the first time. */
        WAITING,
        /** Was given to a connection that is open as far as is known. */
        HANDED,
        /** Was given to a connection that is lost; whether it arrived is to be asked. */
        IN_DOUBT,
        /** Did not arrive, and waits here again. */
        WAITING_AGAIN,
        /** The receiver has it and has not consumed it. */
        HELD,
        /** The receiver has consumed it. */
        ACKNOWLEDGED
    }

    private final FrameHeader header;
    private final ByteBuffer payload;
    State state = State.WAITING;
    /** The connection that it was handed to last. */
    long lane;
    /** In doubt: an answer to this question, or to a later one, resolves it. */
    long question;
    /** Connections that are writing it: until they are done its payload is not the owner's again. */
    int writers;

    private OutgoingFrame(FrameHeader header, ByteBuffer payload) {
        this.header = header;
        this.payload = payload;
    }

    static OutgoingFrame of(int stream, long number, Frame frame) {
        return new OutgoingFrame(
                FrameHeader.ofData(stream, number, frame), frame.payload().duplicate());
    }

    FrameHeader header() {
        return header;
    }

    long number() {
        return header.number();
    }

    /** A view of its own for each writer: two connections may write the same frame. */
    ByteBuffer payload() {
        return payload.duplicate();
    }

    int stream() {
        return header.stream();
    }

    /** Before compression. */
    int wireBytes() {
        return header.wireBytes();
    }

    boolean isWaiting() {
        return state == State.WAITING || state == State.WAITING_AGAIN;
    }
}
