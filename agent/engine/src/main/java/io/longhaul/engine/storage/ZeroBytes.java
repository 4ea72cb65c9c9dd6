package io.longhaul.engine.storage;

import java.nio.ByteBuffer;

/** Tells whether a buffer holds only zeros. Immutable. */
final class ZeroBytes {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private ZeroBytes() {}

    /** @param bytes at most 1 MiB; position and limit stay */
    static boolean fill(ByteBuffer bytes) {
        return ZEROS.slice(0, bytes.remaining()).mismatch(bytes) < 0;
    }
}
