package io.longhaul.engine.memory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the far side's disks, at the destination. Blocks. Called by the receiver's thread, or by several where it has
 * threads for it.
 */
public interface ContentReader {

    /**
     * Fills the buffer with what the disk has there now.
     *
     * @throws IOException where it cannot be read or does not exist; the pages are then sent in full
     */
    void read(int disk, long offset, ByteBuffer into) throws IOException;
}
