package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.MirrorSink;
import java.nio.ByteBuffer;

/**
 * The target of a mirror: every change goes to the sink, nothing can be read. Thread safe as its sink is.
 *
 * <p>Reads are refused rather than answered with zeros: the server advertises a block size of 1, so QEMU never reads to
 * complete a block, and a read that came all the same would mean that something takes this for a disk. A flush has
 * nothing to do: what the guest flushed is safe in the disk at the source.
 */
public final class MirrorExport implements NbdExport {
    private final long sizeBytes;
    private final MirrorSink sink;

    public MirrorExport(long sizeBytes, MirrorSink sink) {
        this.sizeBytes = sizeBytes;
        this.sink = sink;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long offset, ByteBuffer into) throws NbdException {
        throw new NbdException(NbdException.EINVAL, "a mirror cannot be read");
    }

    @Override
    public void write(long offset, ByteBuffer data) {
        sink.written(offset, data);
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) {
        sink.zeroed(offset, lengthBytes);
    }

    @Override
    public void discard(long offset, long lengthBytes) {
        sink.discarded(offset, lengthBytes);
    }

    @Override
    public void flush() {
        // Durability is the source disk's, see above.
    }
}
