package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads frames from one connection. Owned by the connection's reading thread. Holds one payload at most. */
final class FrameReader {
    /** Large enough that a system call moves some frames, small enough to stay in a core's cache. */
    private static final int BUFFER_BYTES = 256 * 1024;

    private final ReadableByteChannel channel;
    private final IntConsumer onBytes;
    private final FrameCodec codec = new FrameCodec();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();

    /** @param onBytes called with the number of bytes that a read has brought */
    FrameReader(ReadableByteChannel channel, IntConsumer onBytes) {
        this.channel = channel;
        this.onBytes = onBytes;
    }

    /** A frame with its checksum verified. */
    record Received(FrameHeader header, ByteBuffer payload) {}

    /**
     * Waits for the next frame.
     *
     * @return null where the peer ended the connection after a whole frame
     * @throws WireViolationException where it ended within a frame, or the frame is damaged or not allowed
     */
    @Nullable
    Received read() throws IOException {
        while (buffer.remaining() < FrameCodec.HEADER_BYTES) {
            if (fill()) {
                continue;
            }
            if (buffer.hasRemaining()) {
                throw new WireViolationException("the connection ended within a frame's header");
            }
            return null;
        }
        FrameHeader header = codec.decodeHeader(buffer);
        ByteBuffer payload = ByteBuffer.allocate(header.payloadLength());
        while (payload.hasRemaining()) {
            if (!buffer.hasRemaining() && !fill()) {
                throw new WireViolationException("the connection ended within a payload of " + header.payloadLength()
                        + " bytes, after " + payload.position());
            }
            move(payload);
        }
        payload.flip();
        codec.verify(header, payload);
        return new Received(header, payload);
    }

    private void move(ByteBuffer payload) {
        int count = Math.min(buffer.remaining(), payload.remaining());
        int limit = buffer.limit();
        buffer.limit(buffer.position() + count);
        payload.put(buffer);
        buffer.limit(limit);
    }

    /** @return false at the end of the connection */
    private boolean fill() throws IOException {
        buffer.compact();
        try {
            int count = channel.read(buffer);
            if (count > 0) {
                onBytes.accept(count);
            }
            return count >= 0;
        } finally {
            buffer.flip();
        }
    }
}
