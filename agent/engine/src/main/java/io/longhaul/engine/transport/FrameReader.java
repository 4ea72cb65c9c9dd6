package io.longhaul.engine.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames from one connection. Owned by the connection's reading thread. Holds one payload at most, and once more
 * where it was compressed. Payloads are of the buffers given, and go back there.
 */
final class FrameReader {
    /** Large enough that a system call moves some frames, small enough to stay in a core's cache. */
    private static final int BUFFER_BYTES = 256 * 1024;

    /** So much of a payload is read without the way over the buffer; less comes with the frames behind it. */
    private static final int STRAIGHT_BYTES = 64 * 1024;

    private final Connection connection;
    private final IntConsumer onBytes;
    private final PayloadBuffers payloads;
    private final FrameCodec codec = new FrameCodec();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();

    /** @param onBytes called with the number of bytes that a read has brought */
    FrameReader(Connection connection, PayloadBuffers payloads, IntConsumer onBytes) {
        this.connection = connection;
        this.payloads = payloads;
        this.onBytes = onBytes;
    }

    /** A frame with its checksum verified, as it was before compression. */
    record Received(FrameHeader header, ByteBuffer payload) {}

    /**
     * Waits for the next frame.
     *
     * @return null where the peer ended the connection after a whole frame
     * @throws EOFException where it ended within a frame, as it does when it is lost
     * @throws WireViolationException where the frame is damaged or not allowed
     */
    @Nullable
    Received read() throws IOException {
        while (buffer.remaining() < FrameCodec.HEADER_BYTES) {
            if (fill()) {
                continue;
            }
            if (buffer.hasRemaining()) {
                throw new EOFException("the connection ended within a frame's header");
            }
            return null;
        }
        FrameHeader header = codec.decodeHeader(buffer);
        ByteBuffer payload = payloads.take(header.payloadLength());
        move(payload);
        while (payload.hasRemaining()) {
            if (!more(payload)) {
                throw new EOFException("the connection ended within a payload of " + header.payloadLength()
                        + " bytes, after " + payload.position());
            }
        }
        payload.flip();
        codec.verify(header, payload);
        if (!header.compressed()) {
            return new Received(header, payload);
        }
        ByteBuffer expanded = PayloadExpander.expand(payload, payloads);
        payloads.giveBack(payload);
        return new Received(header.expandedTo(expanded.remaining()), expanded);
    }

    /** The buffer is empty. @return false at the end of the connection */
    private boolean more(ByteBuffer payload) throws IOException {
        if (payload.remaining() >= STRAIGHT_BYTES) {
            return read(payload);
        }
        boolean here = fill();
        move(payload);
        return here;
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
            return read(buffer);
        } finally {
            buffer.flip();
        }
    }

    private boolean read(ByteBuffer into) throws IOException {
        int count = connection.read(into);
        if (count > 0) {
            onBytes.accept(count);
        }
        return count >= 0;
    }
}
