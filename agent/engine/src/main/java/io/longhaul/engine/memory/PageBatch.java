package io.longhaul.engine.memory;

import io.longhaul.engine.transport.PayloadBuffers;
import java.nio.ByteBuffer;

/**
 * Pages that will travel in one frame (see {@link MemoryFrames}), in the order in which they were added. Owned by the
 * sender's thread. The pages lie together behind the table of runs, where a compressor has most of them.
 */
final class PageBatch {
    /** 64 pages: enough for a compressor's window to be of use, few enough that frames interleave with the disks'. */
    static final int BODY_BYTES = 256 * 1024;

    /** Runs of zero pages need no body, so these need a bound of their own: 60 KiB of table. */
    private static final int RUNS_LIMIT = 4096;

    private final byte[] body = new byte[BODY_BYTES];
    private final boolean[] full = new boolean[RUNS_LIMIT];
    private final long[] first = new long[RUNS_LIMIT];
    private final int[] count = new int[RUNS_LIMIT];
    private int runs;
    private int bodyBytes;

    boolean isEmpty() {
        return runs == 0;
    }

    boolean hasRoom() {
        return bodyBytes < BODY_BYTES && runs < RUNS_LIMIT;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    void addZero(long key) {
        add(key, false);
    }

    void addFull(long key, byte[] array, int offset) {
        System.arraycopy(array, offset, body, bodyBytes, QemuStream.PAGE_BYTES);
        bodyBytes += QemuStream.PAGE_BYTES;
        add(key, true);
    }

    private void add(long key, boolean isFull) {
        int last = runs - 1;
        if (last >= 0 && full[last] == isFull && first[last] + count[last] == key && count[last] < Integer.MAX_VALUE) {
            count[last]++;
            return;
        }
        full[runs] = isFull;
        first[runs] = key;
        count[runs] = 1;
        runs++;
    }

    /**
     * The payload of all that was added; the batch is empty then.
     *
     * @param buffers what the payload is taken from
     */
    ByteBuffer take(PayloadBuffers buffers) {
        ByteBuffer payload = buffers.take(Integer.BYTES + runs * MemoryFrames.RUN_BYTES + bodyBytes);
        payload.putInt(runs);
        for (int run = 0; run < runs; run++) {
            payload.put((byte) (full[run] ? MemoryFrames.RUN_FULL : MemoryFrames.RUN_ZERO))
                    .putShort((short) PageKey.block(first[run]))
                    .putLong(PageKey.page(first[run]))
                    .putInt(count[run]);
        }
        payload.put(body, 0, bodyBytes);
        runs = 0;
        bodyBytes = 0;
        return payload.flip();
    }
}
