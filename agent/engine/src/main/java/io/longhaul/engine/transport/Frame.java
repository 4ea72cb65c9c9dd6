package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/**
 * What a stream carries. The transport reads none of it.
 *
 * @param kind the stream's own meaning, 1 to 255; 0 is never valid
 * @param position the stream's own meaning, such as an offset in bytes
 * @param extent the stream's own meaning, such as a length in bytes
 * @param payload at most {@link #PAYLOAD_LIMIT_BYTES}; owned by the frame, read-only use from position to limit
 */
public record Frame(int kind, long position, long extent, ByteBuffer payload) {
    /** One MiB: long enough that a header costs nothing, short enough that a connection stays responsive. */
    public static final int PAYLOAD_LIMIT_BYTES = 1 << 20;

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    public static Frame withoutPayload(int kind, long position, long extent) {
        return new Frame(kind, position, extent, EMPTY.duplicate());
    }
}
