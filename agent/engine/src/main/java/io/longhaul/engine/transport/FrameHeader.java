package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/**
 * What stands before a payload on the wire; see {@link FrameCodec} for the layout. Immutable.
 *
 * @param stream 0 where the frame belongs to no stream
 * @param payloadLength on the wire, 0 to {@link Frame#PAYLOAD_LIMIT_BYTES}
 * @param compressed whether the payload is its length, 4 bytes, and a zstd frame
 */
record FrameHeader(
        FrameType type,
        int stream,
        int kind,
        long number,
        long position,
        long extent,
        int payloadLength,
        boolean compressed) {

    FrameHeader(FrameType type, int stream, int kind, long number, long position, long extent, int payloadLength) {
        this(type, stream, kind, number, position, extent, payloadLength, false);
    }

    static FrameHeader ofData(int stream, long number, Frame frame) {
        return new FrameHeader(
                FrameType.DATA,
                stream,
                frame.kind(),
                number,
                frame.position(),
                frame.extent(),
                frame.payload().remaining());
    }

    static FrameHeader of(FrameType type, int kind, int payloadLength) {
        return new FrameHeader(type, 0, kind, 0, 0, 0, payloadLength);
    }

    static FrameHeader ofPing(long number) {
        return new FrameHeader(FrameType.PING, 0, 0, number, 0, 0, 0);
    }

    static FrameHeader ofPong(long number, long receivedWallMicros, long sentWallMicros) {
        return new FrameHeader(FrameType.PONG, 0, 0, number, receivedWallMicros, sentWallMicros, 0);
    }

    static FrameHeader ofQuestion(long number) {
        return new FrameHeader(FrameType.ASK, 0, 0, number, 0, 0, 0);
    }

    static FrameHeader ofHeld(long question, boolean last, int payloadLength) {
        int kind = last ? FrameCodec.HELD_LAST : FrameCodec.HELD_MORE;
        return new FrameHeader(FrameType.HELD, 0, kind, question, 0, 0, payloadLength);
    }

    FrameHeader compressedTo(int wireLength) {
        return new FrameHeader(type, stream, kind, number, position, extent, wireLength, true);
    }

    FrameHeader expandedTo(int length) {
        return new FrameHeader(type, stream, kind, number, position, extent, length, false);
    }

    Frame withPayload(ByteBuffer payload) {
        return new Frame(kind, position, extent, payload);
    }

    int wireBytes() {
        return FrameCodec.HEADER_BYTES + payloadLength;
    }
}
