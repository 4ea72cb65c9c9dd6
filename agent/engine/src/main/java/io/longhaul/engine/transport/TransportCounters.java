package io.longhaul.engine.transport;

import java.util.concurrent.atomic.LongAdder;

/** What went wrong on all links of a listener or connector. Thread safe. */
public final class TransportCounters {
    private final LongAdder refusedHandshakes = new LongAdder();
    private final LongAdder badFrames = new LongAdder();

    /** Connections that did not prove that they belong to an expected session, or came when too many others tried. */
    public long refusedHandshakes() {
        return refusedHandshakes.sum();
    }

    /** Frames that were damaged or not allowed; each ended its link. */
    public long badFrames() {
        return badFrames.sum();
    }

    void onRefusedHandshake() {
        refusedHandshakes.increment();
    }

    void onBadFrame() {
        badFrames.increment();
    }
}
