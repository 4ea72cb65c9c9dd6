package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.MirrorSink;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what the guest writes on its way to the disk's copy. Thread safe; never blocks. */
final class CountedSink implements MirrorSink {
    private final MirrorSink sink;
    private final AtomicLong writtenBytes;

    /** @param writtenBytes shared by all disks of the guest */
    CountedSink(MirrorSink sink, AtomicLong writtenBytes) {
        this.sink = sink;
        this.writtenBytes = writtenBytes;
    }

    @Override
    public void written(long offset, ByteBuffer data) {
        writtenBytes.addAndGet(data.remaining());
        sink.written(offset, data);
    }

    /** Zeros cost nothing on the wire, whatever their number. */
    @Override
    public void zeroed(long offset, long lengthBytes) {
        sink.zeroed(offset, lengthBytes);
    }

    @Override
    public void discarded(long offset, long lengthBytes) {
        sink.discarded(offset, lengthBytes);
    }
}
