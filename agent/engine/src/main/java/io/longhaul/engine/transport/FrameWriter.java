package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes frames to one connection. Owned by the connection's writing thread. Small frames are gathered into one write;
 * a large payload goes from the caller's buffer to the socket.
 */
final class FrameWriter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Connection connection;
    private final Pace pace;
    private final LongAdder bytesSent;
    private final CompressionPolicy policy;
    private final Ticker ticker;
    private final FrameCodec codec = new FrameCodec();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(Outbox.BATCH_BYTES);
    private final ByteBuffer[] parts = new ByteBuffer[2];

    /** @param policy is told how long the writing takes */
    FrameWriter(Connection connection, Pace pace, LongAdder bytesSent, CompressionPolicy policy, Ticker ticker) {
        this.connection = connection;
        this.pace = pace;
        this.bytesSent = bytesSent;
        this.policy = policy;
        this.ticker = ticker;
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
        pace.charge(header.wireBytes());
        codec.encodeHeader(header, payload, staging);
        staging.put(payload).flip();
        writeFully(staging, NOTHING);
        staging.clear();
    }

    private void writeOut(ByteBuffer payload) throws IOException, InterruptedException {
        staging.flip();
        long startNanos = ticker.nanos();
        long bytes = staging.remaining() + (long) payload.remaining();
        int stagedEnd = staging.limit();
        int payloadEnd = payload.limit();
        while (staging.position() < stagedEnd || payload.position() < payloadEnd) {
            int stagedLeft = stagedEnd - staging.position();
            int payloadLeft = payloadEnd - payload.position();
            int granted = Math.toIntExact(pace.acquire((long) stagedLeft + payloadLeft));
            int ofStaged = Math.min(stagedLeft, granted);
            staging.limit(staging.position() + ofStaged);
            payload.limit(payload.position() + granted - ofStaged);
            writeFully(staging, payload);
            staging.limit(stagedEnd);
            payload.limit(payloadEnd);
        }
        policy.wrote(bytes, ticker.nanos() - startNanos);
        staging.clear();
    }

    private void writeFully(ByteBuffer first, ByteBuffer second) throws IOException {
        parts[0] = first;
        parts[1] = second;
        while (first.hasRemaining() || second.hasRemaining()) {
            bytesSent.add(connection.write(parts));
        }
        parts[1] = NOTHING;
    }
}
