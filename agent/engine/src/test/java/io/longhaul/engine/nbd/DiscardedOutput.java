package io.longhaul.engine.nbd;

import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/** Takes and forgets whatever is written. Owned by the test's thread. */
final class DiscardedOutput implements GatheringByteChannel {
    private long written;

    long written() {
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long before = written;
        for (int i = offset; i < offset + length; i++) {
            write(sources[i]);
        }
        return written - before;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public int write(ByteBuffer source) {
        int bytes = source.remaining();
        source.position(source.limit());
        written += bytes;
        return bytes;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
