package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/** A frame with its number and its own view of the payload. */
record OutgoingFrame(FrameHeader header, ByteBuffer payload) {

    static OutgoingFrame of(int stream, long number, Frame frame) {
        return new OutgoingFrame(
                FrameHeader.ofData(stream, number, frame), frame.payload().duplicate());
    }

    int stream() {
        return header.stream();
    }

    int wireBytes() {
        return header.wireBytes();
    }
}
