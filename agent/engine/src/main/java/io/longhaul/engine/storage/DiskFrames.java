package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import java.nio.ByteBuffer;

/**
 * What a disk's stream carries.
 *
 * <pre>
 *   kind 1 DATA    position: offset in the disk   extent: barrier   payload: the bytes
 *   kind 2 ZEROES  position: offset in the disk   extent: barrier   payload: u64 length in bytes
 * </pre>
 *
 * The barrier is the number of frames of this stream that must be applied before this one; it never falls from one frame
 * to the next and is never above the frame's own number.
 */
final class DiskFrames {
    static final int DATA = 1;
    static final int ZEROES = 2;

    private DiskFrames() {}

    static Frame data(long offset, long barrier, ByteBuffer bytes) {
        return new Frame(DATA, offset, barrier, bytes);
    }

    static Frame zeroes(long offset, long barrier, long lengthBytes) {
        return new Frame(
                ZEROES,
                offset,
                barrier,
                ByteBuffer.allocate(Long.BYTES).putLong(lengthBytes).flip());
    }
}
