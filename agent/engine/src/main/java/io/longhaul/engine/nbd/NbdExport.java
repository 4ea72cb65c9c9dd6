package io.longhaul.engine.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A disk that {@link NbdServer} offers. Called by one thread per connection; ranges lie within the disk. An
 * {@link NbdException} is answered with its number, any other exception as EIO.
 */
public interface NbdExport {

    /** Never changes. */
    long sizeBytes();

    /** Fills the buffer from this offset. */
    void read(long offset, ByteBuffer into) throws IOException;

    /** Takes the buffer's remaining bytes, which are only valid during the call. */
    void write(long offset, ByteBuffer data) throws IOException;

    /** The range reads as zeros from now on. */
    void writeZeroes(long offset, long lengthBytes) throws IOException;

    /** The range may read as anything from now on. */
    void discard(long offset, long lengthBytes) throws IOException;

    /** Returns when everything written before is safe from a power cut. */
    void flush() throws IOException;
}
