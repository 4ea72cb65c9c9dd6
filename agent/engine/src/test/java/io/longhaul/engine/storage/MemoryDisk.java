package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk outside the heap, all of it told as data, or as zeros where asked. Thread safe for ranges that do not overlap. */
final class MemoryDisk implements DiskWriter {
    final ByteBuffer content;
    volatile @Nullable IOException failure;
    volatile boolean toldAsZeros;

    MemoryDisk(int sizeBytes) {
        content = ByteBuffer.allocateDirect(sizeBytes);
    }

    @Override
    public long sizeBytes() {
        return content.capacity();
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        failWhereAsked();
        into.put(content.slice((int) offset, into.remaining()));
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) {
        return List.of(new Extent(offset, lengthBytes, toldAsZeros));
    }

    @Override
    public void write(long offset, ByteBuffer data) throws IOException {
        failWhereAsked();
        content.slice((int) offset, data.remaining()).put(data);
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) throws IOException {
        write(offset, ByteBuffer.allocate((int) lengthBytes));
    }

    @Override
    public void flush() throws IOException {
        failWhereAsked();
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private void failWhereAsked() throws IOException {
        IOException asked = failure;
        if (asked != null) {
            throw asked;
        }
    }
}
