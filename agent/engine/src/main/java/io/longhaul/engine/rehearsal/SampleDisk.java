package io.longhaul.engine.rehearsal;

import io.longhaul.engine.hypervisor.DiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/**
 * A made-up disk, which keeps no bytes but checks those that it is given. Thread safe.
 *
 * <p>The one at the source holds everything. The one at the destination holds its first part, so that there is something
 * to compare, and zeros elsewhere until it was written.
 */
final class SampleDisk implements DiskWriter {
    static final int BLOCK_BYTES = 4096;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private final SampleContent content;
    private final long sizeBytes;
    private final long heldBytes;
    private final BitSet written = new BitSet();

    private SampleDisk(SampleContent content, long sizeBytes, long heldBytes) {
        this.content = content;
        this.sizeBytes = sizeBytes;
        this.heldBytes = heldBytes;
    }

    static SampleDisk full(SampleContent content, long sizeBytes) {
        return new SampleDisk(content, sizeBytes, sizeBytes);
    }

    static SampleDisk holding(SampleContent content, long sizeBytes, long heldBytes) {
        return new SampleDisk(content, sizeBytes, heldBytes);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        long at = offset;
        while (into.hasRemaining()) {
            int length = (int) Math.min(into.remaining(), BLOCK_BYTES - at % BLOCK_BYTES);
            if (has(at)) {
                ByteBuffer part = into.slice(into.position(), length);
                content.fill(at, part);
                into.position(into.position() + length);
            } else {
                into.put(ZEROS, 0, length);
            }
            at += length;
        }
    }

    private synchronized boolean has(long offset) {
        return offset < heldBytes || written.get((int) (offset / BLOCK_BYTES));
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) {
        long end = offset + lengthBytes;
        if (end <= heldBytes) {
            return List.of(new Extent(offset, lengthBytes, false));
        }
        if (offset >= heldBytes) {
            return List.of(new Extent(offset, lengthBytes, true));
        }
        return List.of(new Extent(offset, heldBytes - offset, false), new Extent(heldBytes, end - heldBytes, true));
    }

    @Override
    public void write(long offset, ByteBuffer data) throws IOException {
        if (!content.matches(offset, data)) {
            throw new IOException(data.remaining() + " bytes for " + offset + " are not what was sent");
        }
        mark(offset, data.remaining());
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) throws IOException {
        for (long at = offset; at < offset + lengthBytes; at += BLOCK_BYTES) {
            if (!SampleContent.isZero(at)) {
                throw new IOException("zeros for " + at + " are not what was sent");
            }
        }
        mark(offset, lengthBytes);
    }

    private synchronized void mark(long offset, long lengthBytes) {
        written.set((int) (offset / BLOCK_BYTES), (int) ((offset + lengthBytes) / BLOCK_BYTES));
    }

    /** Throws where something has not come. */
    synchronized void requireWhole() throws IOException {
        int blocks = (int) (sizeBytes / BLOCK_BYTES);
        int block = written.nextClearBit((int) (heldBytes / BLOCK_BYTES));
        while (block < blocks && SampleContent.isZero((long) block * BLOCK_BYTES)) {
            block = written.nextClearBit(block + 1);
        }
        if (block < blocks) {
            throw new IOException("the bytes of a disk from " + (long) block * BLOCK_BYTES + " on never came");
        }
    }

    @Override
    public void flush() {
        // Nothing is kept.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
