package io.longhaul.engine.hypervisor;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes one disk, and reads what it holds. Thread safe, for reading too; calls for ranges that overlap must not be under
 * way at the same time. Blocks. Throws {@link DiskFullException} where there is no room.
 */
public interface DiskWriter extends DiskReader {

    /** Writes the buffer's remaining bytes. Returns when the disk has them, not yet safe from a power cut. */
    void write(long offset, ByteBuffer data) throws IOException;

    /** Makes the range read as zeros, as a hole where the image can. */
    void writeZeroes(long offset, long lengthBytes) throws IOException;

    /** Returns when everything written before is safe from a power cut. */
    void flush() throws IOException;
}
