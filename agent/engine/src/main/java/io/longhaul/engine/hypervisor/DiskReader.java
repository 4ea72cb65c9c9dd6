package io.longhaul.engine.hypervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads one disk. Not thread safe. Blocks. */
public interface DiskReader extends AutoCloseable {

    /** The size the guest sees, exact to the byte. */
    long sizeBytes();

    /** Fills the buffer from this offset. The range lies within the disk. */
    void read(long offset, ByteBuffer into) throws IOException;

    /** What is known to read as zeros, in order and without gaps over the range. May answer {@code DATA} for all of it. */
    List<Extent> extents(long offset, long lengthBytes) throws IOException;

    @Override
    void close();

    /** A run of bytes that either may hold anything or reads as zeros. */
    record Extent(long offset, long lengthBytes, boolean zero) {}
}
