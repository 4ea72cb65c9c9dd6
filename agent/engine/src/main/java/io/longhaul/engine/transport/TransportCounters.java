package io.longhaul.engine.transport;

import java.util.concurrent.atomic.LongAdder;

/** What happened on all links of a listener or connector. Thread safe. */
public final class TransportCounters {
    private final LongAdder refusedHandshakes = new LongAdder();
    private final LongAdder badFrames = new LongAdder();
    private final LongAdder repeatedFrames = new LongAdder();
    private final LongAdder compressedFrames = new LongAdder();

    /** Connections that did not prove that they belong to an expected session, or came when too many others tried. */
    public long refusedHandshakes() {
        return refusedHandshakes.sum();
    }

    /** Frames that were damaged or not allowed; each cost its connection, and when they were many, its link. */
    public long badFrames() {
        return badFrames.sum();
    }

    /** Frames that came again after a loss and were dropped. */
    public long repeatedFrames() {
        return repeatedFrames.sum();
    }

    /** Frames that were sent compressed. */
    public long compressedFrames() {
        return compressedFrames.sum();
    }

    void onRefusedHandshake() {
        refusedHandshakes.increment();
    }

    void onBadFrame() {
        badFrames.increment();
    }

    void onRepeatedFrame() {
        repeatedFrames.increment();
    }

    void onCompressedFrame() {
        compressedFrames.increment();
    }
}
