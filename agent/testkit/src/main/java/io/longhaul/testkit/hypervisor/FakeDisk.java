package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A disk image in memory. Thread safe. */
final class FakeDisk {
    private static final int GRAIN_BYTES = 4096;

    private final byte[] bytes;

    FakeDisk(long sizeBytes) {
        this.bytes = new byte[Math.toIntExact(sizeBytes)];
    }

    private FakeDisk(byte[] bytes) {
        this.bytes = bytes;
    }

    long sizeBytes() {
        return bytes.length;
    }

    synchronized FakeDisk copy() {
        return new FakeDisk(bytes.clone());
    }

    synchronized void read(long offset, ByteBuffer into) throws IOException {
        requireWithin(offset, into.remaining());
        into.put(bytes, (int) offset, into.remaining());
    }

    synchronized void write(long offset, ByteBuffer data) throws IOException {
        requireWithin(offset, data.remaining());
        data.get(bytes, (int) offset, data.remaining());
    }

    synchronized void zero(long offset, long lengthBytes) throws IOException {
        requireWithin(offset, lengthBytes);
        Arrays.fill(bytes, (int) offset, (int) (offset + lengthBytes), (byte) 0);
    }

    synchronized List<Extent> extents(long offset, long lengthBytes) throws IOException {
        requireWithin(offset, lengthBytes);
        List<Extent> extents = new ArrayList<>();
        long end = offset + lengthBytes;
        for (long from = offset; from < end; ) {
            long next = Math.min(end, (from / GRAIN_BYTES + 1) * GRAIN_BYTES);
            append(extents, new Extent(from, next - from, isZero(from, next)));
            from = next;
        }
        return extents;
    }

    private boolean isZero(long from, long end) {
        for (int index = (int) from; index < end; index++) {
            if (bytes[index] != 0) {
                return false;
            }
        }
        return true;
    }

    private static void append(List<Extent> extents, Extent next) {
        int last = extents.size() - 1;
        if (last >= 0 && extents.get(last).zero() == next.zero()) {
            Extent before = extents.get(last);
            extents.set(last, new Extent(before.offset(), before.lengthBytes() + next.lengthBytes(), next.zero()));
        } else {
            extents.add(next);
        }
    }

    private void requireWithin(long offset, long lengthBytes) throws IOException {
        if (offset < 0 || lengthBytes < 0 || offset > bytes.length - lengthBytes) {
            throw new IOException(offset + "+" + lengthBytes + " is outside of a disk of " + bytes.length + " bytes");
        }
    }
}
