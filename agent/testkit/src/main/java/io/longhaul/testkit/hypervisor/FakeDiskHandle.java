package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.hypervisor.DiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An open disk. Thread safe. Every call fails once it is closed, from whichever side. */
final class FakeDiskHandle implements DiskWriter {
    private final FakeDisk disk;
    private final AtomicLong roomBytes;
    private volatile boolean closed;

    /**
     * @param roomBytes what the file system below still takes; shared by the disks of a host
     */
    FakeDiskHandle(FakeDisk disk, AtomicLong roomBytes) {
        this.disk = disk;
        this.roomBytes = roomBytes;
    }

    @Override
    public long sizeBytes() {
        return disk.sizeBytes();
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        requireOpen();
        disk.read(offset, into);
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) throws IOException {
        requireOpen();
        return disk.extents(offset, lengthBytes);
    }

    @Override
    public void write(long offset, ByteBuffer data) throws IOException {
        requireOpen();
        if (roomBytes.addAndGet(-data.remaining()) < 0) {
            throw new DiskFullException("no room", new IOException("the fake file system is full"));
        }
        disk.write(offset, data);
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) throws IOException {
        requireOpen();
        disk.zero(offset, lengthBytes);
    }

    @Override
    public void flush() throws IOException {
        requireOpen();
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
