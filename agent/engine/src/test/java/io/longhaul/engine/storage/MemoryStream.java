package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** A stream within the process: frames arrive on the sending thread, the window is real. Thread safe. */
final class MemoryStream implements StreamSender {
    private final long windowBytes;
    private final FrameReceiver receiver;
    private volatile LongConsumer acknowledgement = number -> {};
    private long next;
    private long bytes;
    private boolean ended;

    MemoryStream(long windowBytes, FrameReceiver receiver) {
        this.windowBytes = windowBytes;
        this.receiver = receiver;
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public long send(Frame frame) throws LinkException, InterruptedException {
        int size = frame.payload().remaining();
        long number;
        synchronized (this) {
            while (bytes + size > windowBytes && !ended) {
                wait();
            }
            if (ended) {
                throw new LinkException("ended by the test");
            }
            number = next++;
            bytes += size;
        }
        arrive(number, frame, size);
        return number;
    }

    @Override
    public OptionalLong trySend(Frame frame) {
        int size = frame.payload().remaining();
        long number;
        synchronized (this) {
            if (bytes + size > windowBytes || ended) {
                return OptionalLong.empty();
            }
            number = next++;
            bytes += size;
        }
        arrive(number, frame, size);
        return OptionalLong.of(number);
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
    public synchronized void awaitAcknowledged() throws InterruptedException {
        while (bytes > 0) {
            wait();
        }
    }

    private void arrive(long number, Frame frame, int size) {
        Frame arrived = new Frame(
                frame.kind(), frame.position(), frame.extent(), frame.payload().duplicate());
        receiver.onFrame(number, arrived, () -> {
            // First, so that who awaited all acknowledgements finds them counted.
            acknowledgement.accept(number);
            synchronized (this) {
                bytes -= size;
                notifyAll();
            }
        });
    }
}
