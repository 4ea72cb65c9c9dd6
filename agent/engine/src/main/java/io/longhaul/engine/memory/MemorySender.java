package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carries the hypervisor's memory stream into the link, byte for byte and in order. {@link #pump} belongs to one thread;
 * the counters are thread safe.
 *
 * <p>It takes bytes from the hypervisor no faster than the stream's window drains, so the hypervisor's own forecast of the
 * downtime sees the link as it is.
 */
public final class MemorySender {
    /** A read from the hypervisor's socket rarely gives more at once. */
    public static final int CHUNK_BYTES = 128 * 1024;

    /** {@link Frame#kind()} of a piece of the stream; position is its offset in the stream. */
    static final int BYTES = 1;

    /** {@link Frame#kind()} of the end of the stream; position is its length. */
    static final int END = 2;

    private final StreamSender stream;
    private long bufferedBytes;
    private boolean stopped;
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong acknowledgedBytes = new AtomicLong();

    /**
     * @param stream the memory stream; ordered, so an acknowledged frame tells that all before it arrived
     * @param bufferedBytes how much may be sent and not acknowledged, where that is to be less than the stream's window
     */
    public MemorySender(StreamSender stream, long bufferedBytes) {
        this.stream = stream;
        this.bufferedBytes = bufferedBytes;
        stream.onAcknowledged(number -> acknowledged());
    }

    private synchronized void acknowledged() {
        acknowledgedBytes.updateAndGet(bytes -> Math.max(bytes, sentBytes.get() - stream.unacknowledgedBytes()));
        notifyAll();
    }

    /** Changes how much may be sent and not acknowledged; any thread. */
    public synchronized void limitBuffered(long bytes) {
        bufferedBytes = bytes;
        notifyAll();
    }

    /** Ends the wait for acknowledgements in {@link #pump}. Idempotent; any thread. */
    public synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    private synchronized void awaitRoom() throws InterruptedException {
        while (stream.unacknowledgedBytes() >= bufferedBytes && !stopped) {
            wait();
        }
    }

    /**
     * Until the hypervisor has written everything.
     *
     * @return frames sent, the end's included
     */
    public long pump(ReadableByteChannel memory) throws IOException, LinkException, InterruptedException {
        while (true) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            if (memory.read(chunk) < 0) {
                return stream.send(Frame.withoutPayload(END, sentBytes.get(), 0)) + 1;
            }
            chunk.flip();
            if (chunk.hasRemaining()) {
                awaitRoom();
                int bytes = chunk.remaining();
                stream.send(new Frame(BYTES, sentBytes.get(), bytes, chunk));
                sentBytes.addAndGet(bytes);
            }
        }
    }

    public long sentBytes() {
        return sentBytes.get();
    }

    /** Bytes of the stream that the destination's hypervisor has taken. Never falls. */
    public long acknowledgedBytes() {
        return acknowledgedBytes.get();
    }
}
