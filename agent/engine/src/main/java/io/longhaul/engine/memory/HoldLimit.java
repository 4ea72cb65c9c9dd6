package io.longhaul.engine.memory;

/**
 * How much may be held back. Owned by the sender's thread; {@link #roundBytes} by any.
 *
 * <p>What is held at the pause crosses the link then, so the switchover's budget bounds it. But a guest that is far from its
 * pause, because each round brings more than the switchover could carry, gains nothing from pages that are sent and dirtied
 * again: while rounds are long, as much may be held as the round before brought. As rounds shrink, so does what may be
 * held, and the coldest of it is sent before the pause comes near.
 */
final class HoldLimit {
    private final MemoryPorts ports;
    private long lastRoundBytes;
    private long countedBytes;
    private volatile long roundBytes;

    HoldLimit(MemoryPorts ports) {
        this.ports = ports;
    }

    /** A page came. */
    void page() {
        countedBytes += QemuStream.PAGE_BYTES;
        roundBytes = countedBytes;
    }

    void round() {
        lastRoundBytes = countedBytes;
        countedBytes = 0;
        roundBytes = 0;
    }

    /** For pages held back and references without a verdict, together. */
    long bytes() {
        long budgetBytes = ports.budgetBytes().getAsLong();
        return ports.deferring().getAsBoolean() ? Math.max(budgetBytes, lastRoundBytes) : budgetBytes;
    }

    /** What the round that is under way has brought so far. */
    long roundBytes() {
        return roundBytes;
    }
}
