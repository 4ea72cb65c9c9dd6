package io.longhaul.engine.rehearsal;

import java.nio.ByteBuffer;

/**
 * What made-up disks and memory hold: by turns 2 MiB that no compressor makes smaller, 1 MiB that shrinks to a third, and 1
 * MiB of zeros. Immutable; 2 MiB.
 */
final class SampleContent {
    private static final int STRETCH_BYTES = 1 << 20;

    private static final int DENSE_STRETCHES = 2;
    private static final int SPARSE_STRETCH = 2;
    private static final int STRETCHES = 4;

    /** Of each line of the sparse content, what differs from line to line. */
    private static final int LINE_BYTES = 64;

    private static final int DIFFERENT_BYTES = 20;

    private final byte[] dense = new byte[STRETCH_BYTES];
    private final byte[] sparse = new byte[STRETCH_BYTES];

    SampleContent() {
        long state = 1;
        for (int index = 0; index < STRETCH_BYTES; index++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            dense[index] = (byte) (state >>> 32);
            sparse[index] = index % LINE_BYTES < DIFFERENT_BYTES ? dense[index] : (byte) ' ';
        }
    }

    static boolean isZero(long offset) {
        return stretch(offset) > SPARSE_STRETCH;
    }

    /** Fills the buffer with what there is from this offset on. */
    void fill(long offset, ByteBuffer into) {
        long at = offset;
        while (into.hasRemaining()) {
            int start = (int) (at % STRETCH_BYTES);
            int length = Math.min(into.remaining(), STRETCH_BYTES - start);
            if (isZero(at)) {
                for (int index = 0; index < length; index++) {
                    into.put((byte) 0);
                }
            } else {
                into.put(stretch(at) < DENSE_STRETCHES ? dense : sparse, start, length);
            }
            at += length;
        }
    }

    /** Whether the buffer's remaining bytes are what there is from this offset on. */
    boolean matches(long offset, ByteBuffer bytes) {
        ByteBuffer expected = ByteBuffer.allocate(bytes.remaining());
        fill(offset, expected);
        return expected.flip().equals(bytes);
    }

    private static int stretch(long offset) {
        return (int) (offset / STRETCH_BYTES % STRETCHES);
    }
}
