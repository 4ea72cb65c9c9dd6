package io.longhaul.engine.memory;

/**
 * Bounds of the source's side of the memory. Immutable.
 *
 * @param bufferedBytes how much may be sent and not acknowledged, where that is to be less than the stream's window
 * @param heldLimitBytes hot pages held back at most; what the switchover can carry bounds them as well
 * @param poolBytes room for hot pages and for pages whose references have no verdict, together
 * @param verdictPatienceMillis how long a page waits to be referred to, where the pool is full of pages that were; 0: not
 */
public record MemorySenderSettings(long bufferedBytes, int heldLimitBytes, int poolBytes, int verdictPatienceMillis) {
    /** 300 ms at 1.3 Gbit/s: more could only be carried by a link for which holding back is not worth it. */
    private static final int HELD_LIMIT_BYTES = 48 << 20;

    /** 16 MiB more, so that references go on where all hot pages are held: 4,096 in each round trip. */
    private static final int POOL_BYTES = 64 << 20;

    /** A round trip around the world, and the look-ups of a busy destination. */
    private static final int VERDICT_PATIENCE_MILLIS = 500;

    public MemorySenderSettings {
        if (bufferedBytes <= 0) {
            throw new IllegalArgumentException("bufferedBytes must be positive, not " + bufferedBytes);
        }
        if (poolBytes < QemuStream.PAGE_BYTES || heldLimitBytes < 0 || heldLimitBytes > poolBytes) {
            throw new IllegalArgumentException(
                    "held pages are part of the pool: " + heldLimitBytes + " of " + poolBytes + " bytes");
        }
    }

    public static MemorySenderSettings withBuffer(long bufferedBytes) {
        return new MemorySenderSettings(bufferedBytes, HELD_LIMIT_BYTES, POOL_BYTES, VERDICT_PATIENCE_MILLIS);
    }
}
