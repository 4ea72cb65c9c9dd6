package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes frames to one connection. Owned by the connection's writing thread. Small frames are gathered into one write;
 * a large payload goes from the caller's buffer to the socket.
 */
final class FrameWriter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final GatheringByteChannel channel;
    private final RateLimiter limiter;
    private final LongAdder bytesSent;
    private final FrameCodec codec = new FrameCodec();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(Outbox.BATCH_BYTES);
    private final ByteBuffer[] parts = new ByteBuffer[2];

    FrameWriter(GatheringByteChannel channel, RateLimiter limiter, LongAdder bytesSent) {
        this.channel = channel;
        this.limiter = limiter;
        this.bytesSent = bytesSent;
    }

    /** Adds a frame that waits for the rate cap. What stays staged goes with {@link #flush}. */
    void write(FrameHeader header, ByteBuffer payload) throws IOException, InterruptedException {
        if (staging.remaining() < FrameCodec.HEADER_BYTES) {
            flush();
        }
        codec.encodeHeader(header, payload, staging);
        if (payload.remaining() <= staging.remaining()) {
            staging.put(payload);
            return;
        }
        writeOut(payload);
    }

    void flush() throws IOException, InterruptedException {
        writeOut(NOTHING);
    }

    /** Writes a frame at once: it is counted against the cap but does not wait for it. Nothing must be staged. */
    void writeUrgently(FrameHeader header, ByteBuffer payload) throws IOException {
        limiter.charge(header.wireBytes());
        codec.encodeHeader(header, payload, staging);
        staging.put(payload).flip();
        writeFully(staging, NOTHING);
        staging.clear();
    }

    private void writeOut(ByteBuffer payload) throws IOException, InterruptedException {
        staging.flip();
        int stagedEnd = staging.limit();
        int payloadEnd = payload.limit();
        while (staging.position() < stagedEnd || payload.position() < payloadEnd) {
            int stagedLeft = stagedEnd - staging.position();
            int payloadLeft = payloadEnd - payload.position();
            int granted = Math.toIntExact(limiter.acquire((long) stagedLeft + payloadLeft));
            int ofStaged = Math.min(stagedLeft, granted);
            staging.limit(staging.position() + ofStaged);
            payload.limit(payload.position() + granted - ofStaged);
            writeFully(staging, payload);
            staging.limit(stagedEnd);
            payload.limit(payloadEnd);
        }
        staging.clear();
    }

    private void writeFully(ByteBuffer first, ByteBuffer second) throws IOException {
        parts[0] = first;
        parts[1] = second;
        while (first.hasRemaining() || second.hasRemaining()) {
            bytesSent.add(channel.write(parts));
        }
        parts[1] = NOTHING;
    }
}
