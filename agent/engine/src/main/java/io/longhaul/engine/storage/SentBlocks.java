package io.longhaul.engine.storage;

import java.nio.ByteBuffer;

/**
 * Hears which blocks were found equal at the destination, or were handed to the stream, which keeps no order: whoever
 * refers to one of them may come before it. Called on the mover's thread, so
 * a slow listener slows the copy down. What the guest writes later makes no block unheard: who relies on a block must
 * compare it there, see {@link DiskReceiver#readBack}.
 */
@FunctionalInterface
public interface SentBlocks {
    int BLOCK_BYTES = 4096;

    SentBlocks NONE = (offset, blocks) -> {};

    /**
     * @param offset in the disk, a multiple of {@link #BLOCK_BYTES}
     * @param blocks one whole block or more; valid only during the call
     */
    void sent(long offset, ByteBuffer blocks);

    /** Tells of the whole blocks among these bytes. */
    default void sentBytes(long offset, ByteBuffer bytes) {
        long first = (offset + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        long end = (offset + bytes.remaining()) / BLOCK_BYTES * BLOCK_BYTES;
        if (first < end) {
            sent(first, bytes.slice(bytes.position() + (int) (first - offset), (int) (end - first)));
        }
    }
}
