package io.longhaul.engine.transport;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What happened on all links of a listener or connector. Thread safe. */
public final class TransportCounters {
    private final Map<RefusalCause, LongAdder> refusedHandshakes = new EnumMap<>(RefusalCause.class);
    private final LongAdder badFrames = new LongAdder();
    private final LongAdder repeatedFrames = new LongAdder();
    private final LongAdder compressedFrames = new LongAdder();

    public TransportCounters() {
        for (RefusalCause cause : RefusalCause.values()) {
            refusedHandshakes.put(cause, new LongAdder());
        }
    }

    /** Connections that did not prove that they belong to an expected session, or came when too many others tried. */
    public long refusedHandshakes() {
        return refusedHandshakes.values().stream().mapToLong(LongAdder::sum).sum();
    }

    public long refusedHandshakes(RefusalCause cause) {
        return of(cause).sum();
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

    private LongAdder of(RefusalCause cause) {
        return Objects.requireNonNull(refusedHandshakes.get(cause), "there is one for each");
    }

    void onRefusedHandshake(RefusalCause cause) {
        of(cause).increment();
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
