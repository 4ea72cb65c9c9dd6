package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Everything the peer sends, by stream. Thread safe. Bounded by the windows announced to the peer. */
final class Inbox {
    private static final int STREAMS_LIMIT = 256;

    private final Outbox outbox;
    private final PayloadBuffers payloads;
    private final TransportCounters counters;
    private final int windowFrames;
    private final ReceiveBudget controlBudget;
    private final ReceiveBudget memoryBudget;
    private final ReceiveBudget memoryReturnBudget;
    private final ReceiveBudget diskBudget;
    private final AtomicReferenceArray<IncomingStream> streams = new AtomicReferenceArray<>(STREAMS_LIMIT);

    /**
     * @param payloads where frames' payloads go back to once they are consumed
     * @param announced what this side told the peer it may send
     */
    Inbox(Outbox outbox, PayloadBuffers payloads, LinkSettings.Windows announced, TransportCounters counters) {
        this.outbox = outbox;
        this.payloads = payloads;
        this.counters = counters;
        this.windowFrames = announced.frames();
        this.controlBudget = new ReceiveBudget(announced.controlBytes());
        this.memoryBudget = new ReceiveBudget(announced.memoryBytes());
        this.memoryReturnBudget = new ReceiveBudget(announced.controlBytes());
        this.diskBudget = new ReceiveBudget(announced.diskBytes());
    }

    void receive(Link.StreamId stream, FrameReceiver receiver) {
        stream(stream.number()).setReceiver(stream.ordering(), receiver);
    }

    void onFrame(FrameHeader header, Frame frame) throws WireViolationException {
        if (!stream(header.stream()).onFrame(header.number(), frame, header.wireBytes())) {
            payloads.giveBack(frame.payload());
            counters.onRepeatedFrame();
        }
    }

    /** What has come on all streams. Bounded by the windows. */
    List<HeldRange> held() {
        List<HeldRange> held = new ArrayList<>();
        for (int number = 0; number < STREAMS_LIMIT; number++) {
            IncomingStream stream = streams.get(number);
            if (stream != null) {
                held.addAll(stream.held());
            }
        }
        return held;
    }

    void release(List<AckRange> acknowledged) {
        for (AckRange range : acknowledged) {
            stream(range.stream()).release(range);
        }
    }

    private IncomingStream stream(int number) {
        IncomingStream known = streams.get(number);
        if (known != null) {
            return known;
        }
        IncomingStream created = new IncomingStream(number, outbox, payloads, budgetOf(number), windowFrames);
        return streams.compareAndSet(number, null, created) ? created : streams.get(number);
    }

    private ReceiveBudget budgetOf(int number) {
        if (number == Link.StreamId.CONTROL.number()) {
            return controlBudget;
        }
        if (number == Link.StreamId.MEMORY_RETURN.number()) {
            return memoryReturnBudget;
        }
        return number == Link.StreamId.MEMORY.number() ? memoryBudget : diskBudget;
    }
}
