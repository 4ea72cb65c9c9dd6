package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Carries the memory stream out of the link into the waiting hypervisor. Frames arrive on the link's threads;
 * {@link #pump} belongs to one thread.
 *
 * <p>Holds no more than the stream's window, since a frame is acknowledged only when the hypervisor has its bytes.
 */
public final class MemoryReceiver implements FrameReceiver {
    private static final Arrival LAST = new Arrival(Frame.withoutPayload(MemorySender.END, 0, 0), () -> {});

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private volatile long receivedFrames;
    private volatile boolean stopped;

    @Override
    public void onFrame(long number, Frame frame, Runnable consumed) {
        receivedFrames = number + 1;
        arrivals.add(new Arrival(frame, consumed));
    }

    /** Until the end of the stream has been written and the channel closed, or {@link #stop}. */
    public void pump(WritableByteChannel memory) throws IOException, InterruptedException {
        long position = 0;
        while (true) {
            Arrival arrival = arrivals.take();
            if (stopped) {
                return;
            }
            Frame frame = arrival.frame();
            if (frame.position() != position) {
                throw new IOException(
                        "The memory stream has a gap: expected offset " + position + ", got " + frame.position());
            }
            if (frame.kind() == MemorySender.END) {
                memory.close();
                arrival.consumed().run();
                return;
            }
            if (frame.kind() != MemorySender.BYTES) {
                throw new IOException("Unknown kind of frame in the memory stream: " + frame.kind());
            }
            position += frame.payload().remaining();
            ByteBuffer payload = frame.payload().duplicate();
            while (payload.hasRemaining()) {
                memory.write(payload);
            }
            arrival.consumed().run();
        }
    }

    /** Frames that have arrived so far, in order and without gaps. */
    public long receivedFrames() {
        return receivedFrames;
    }

    /** Ends {@link #pump} where it waits for frames; what arrives later is not acknowledged. Idempotent; any thread. */
    public void stop() {
        stopped = true;
        arrivals.add(LAST);
    }

    private record Arrival(Frame frame, Runnable consumed) {}
}
