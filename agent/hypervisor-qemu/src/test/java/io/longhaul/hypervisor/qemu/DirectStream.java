package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.StreamSender;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** A stream within the process, with a window. Thread safe. */
final class DirectStream implements StreamSender {
    private final long windowBytes;
    private final FrameReceiver receiver;
    private volatile LongConsumer acknowledgement = number -> {};
    private long next;
    private long bytes;

    DirectStream(long windowBytes, FrameReceiver receiver) {
        this.windowBytes = windowBytes;
        this.receiver = receiver;
    }

    @Override
    public long send(Frame frame) throws InterruptedException {
        int size = frame.payload().remaining();
        long number;
        synchronized (this) {
            while (bytes > 0 && bytes + size > windowBytes) {
                wait();
            }
            bytes += size;
            number = next++;
        }
        receiver.onFrame(number, frame, () -> consumed(number, size));
        return number;
    }

    private void consumed(long number, int size) {
        synchronized (this) {
            bytes -= size;
            notifyAll();
        }
        acknowledgement.accept(number);
    }

    @Override
    public OptionalLong trySend(Frame frame) {
        throw new UnsupportedOperationException("memory waits for its window");
    }

    @Override
    public void onAcknowledged(LongConsumer listener) {
        acknowledgement = listener;
    }

    @Override
    public synchronized long unacknowledgedBytes() {
        return bytes;
    }

    @Override
    public void awaitAcknowledged() {
        throw new UnsupportedOperationException("memory does not wait for acknowledgements");
    }
}
