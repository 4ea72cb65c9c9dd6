package io.longhaul.engine.memory;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads the far side's disks, at the destination. Called on the receiver's thread only; blocks. */
public interface ContentReader {

    /**
     * Fills the buffer with what the disk has there now.
     *
     * @throws IOException where it cannot be read or does not exist; the pages are then sent in full
     */
    void read(int disk, long offset, ByteBuffer into) throws IOException;
}
