package io.longhaul.engine.transport;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One stream as its sender sees it. Thread safe; what it knows is guarded by the outbox's lock. */
final class OutgoingStream implements StreamSender {
    private final Outbox outbox;
    private final int number;
    private final SendWindow window;
    private final FlowLimit flow;
    private final AtomicReference<@Nullable LongConsumer> listener = new AtomicReference<>();

    OutgoingStream(Outbox outbox, int number, SendWindow window, FlowLimit flow) {
        this.outbox = outbox;
        this.number = number;
        this.window = window;
        this.flow = flow;
    }

    @Override
    public long send(Frame frame) throws LinkException, InterruptedException {
        checkSendable(frame);
        return outbox.send(this, frame);
    }

    @Override
    public OptionalLong trySend(Frame frame) {
        checkSendable(frame);
        return outbox.trySend(this, frame);
    }

    @Override
    public void onAcknowledged(LongConsumer consumer) {
        if (!listener.compareAndSet(null, consumer)) {
            throw new IllegalStateException("stream " + number + " has a listener already");
        }
    }

    @Override
    public long unacknowledgedBytes() {
        return outbox.unacknowledgedBytes(this);
    }

    @Override
    public void awaitAcknowledged() throws LinkException, InterruptedException {
        outbox.awaitAcknowledged(this);
    }

    int number() {
        return number;
    }

    /** Only under the outbox's lock. */
    SendWindow window() {
        return window;
    }

    /** Only under the outbox's lock. */
    FlowLimit flow() {
        return flow;
    }

    void tell(long acknowledged) {
        LongConsumer told = listener.get();
        if (told != null) {
            told.accept(acknowledged);
        }
    }

    private static void checkSendable(Frame frame) {
        if (frame.kind() < 1 || frame.kind() > 255) {
            throw new IllegalArgumentException("kind must be 1 to 255, not " + frame.kind());
        }
        if (frame.payload().remaining() > Frame.PAYLOAD_LIMIT_BYTES) {
            throw new IllegalArgumentException("a payload has at most " + Frame.PAYLOAD_LIMIT_BYTES + " bytes, not "
                    + frame.payload().remaining());
        }
    }
}
