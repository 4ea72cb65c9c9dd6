package io.longhaul.engine.nbd;

import java.nio.ByteBuffer;

/** A disk that holds nothing and fails the test where it is asked for what lies beyond it. Owned by one thread. */
final class BoundaryExport implements NbdExport {
    /** Above one piece of the transmission, below two, and no multiple of anything. */
    static final int SIZE = 400_001;

    @Override
    public long sizeBytes() {
        return SIZE;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        check(offset, into.remaining());
        into.position(into.limit());
    }

    @Override
    public void write(long offset, ByteBuffer data) {
        check(offset, data.remaining());
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) {
        check(offset, lengthBytes);
    }

    @Override
    public void discard(long offset, long lengthBytes) {
        check(offset, lengthBytes);
    }

    @Override
    public void flush() {
        // Nothing is held.
    }

    private static void check(long offset, long length) {
        if (offset < 0 || length <= 0 || length > SIZE || offset > SIZE - length) {
            throw new AssertionError(offset + "+" + length + " of a disk of " + SIZE);
        }
    }
}
