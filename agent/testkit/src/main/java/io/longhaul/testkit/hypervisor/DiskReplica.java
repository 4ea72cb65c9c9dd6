package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.hypervisor.MirrorSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A disk's copy in memory, made of a mirror's writes and of what is read beside it. Thread safe: mirrors write, one
 * thread copies. A region that the mirror touches while it is read is read again.
 */
public final class DiskReplica implements MirrorSink {
    private static final int REGION_BYTES = 64 << 10;

    private final byte[] bytes;
    private final BitSet touched = new BitSet();
    private final BitSet discarded = new BitSet();
    private long mirroredWrites;

    public DiskReplica(long sizeBytes) {
        this.bytes = new byte[Math.toIntExact(sizeBytes)];
    }

    @Override
    public synchronized void written(long offset, ByteBuffer data) {
        int length = data.remaining();
        data.duplicate().get(bytes, Math.toIntExact(offset), length);
        touch(touched, offset, length);
        mirroredWrites++;
    }

    @Override
    public synchronized void zeroed(long offset, long lengthBytes) {
        Arrays.fill(bytes, Math.toIntExact(offset), Math.toIntExact(offset + lengthBytes), (byte) 0);
        touch(touched, offset, lengthBytes);
    }

    @Override
    public synchronized void discarded(long offset, long lengthBytes) {
        touch(touched, offset, lengthBytes);
        touch(discarded, offset, lengthBytes);
    }

    private static void touch(BitSet regions, long offset, long lengthBytes) {
        if (lengthBytes > 0) {
            int first = (int) (offset / REGION_BYTES);
            regions.set(first, (int) ((offset + lengthBytes - 1) / REGION_BYTES) + 1);
        }
    }

    synchronized long mirroredWrites() {
        return mirroredWrites;
    }

    /** Reads the whole disk while the mirror runs. */
    void copyFrom(DiskReader reader) throws IOException {
        for (int region = 0; (long) region * REGION_BYTES < bytes.length; region++) {
            copyRegion(reader, region);
        }
    }

    /** With the guest paused: reads again what the guest discarded. */
    void settle(DiskReader reader) throws IOException {
        BitSet again;
        synchronized (this) {
            again = (BitSet) discarded.clone();
            discarded.clear();
        }
        for (int region = again.nextSetBit(0); region >= 0; region = again.nextSetBit(region + 1)) {
            copyRegion(reader, region);
        }
    }

    private void copyRegion(DiskReader reader, int region) throws IOException {
        int offset = region * REGION_BYTES;
        int length = Math.min(REGION_BYTES, bytes.length - offset);
        ByteBuffer read = ByteBuffer.allocate(length);
        boolean stored = false;
        while (!stored) {
            clearTouched(region);
            reader.read(offset, read.clear());
            stored = store(region, offset, read.array());
        }
    }

    private synchronized void clearTouched(int region) {
        touched.clear(region);
    }

    private synchronized boolean store(int region, int offset, byte[] read) {
        if (touched.get(region)) {
            return false;
        }
        System.arraycopy(read, 0, bytes, offset, read.length);
        return true;
    }

    void writeTo(DiskWriter writer) throws IOException {
        byte[] zeros = new byte[REGION_BYTES];
        for (int offset = 0; offset < bytes.length; offset += REGION_BYTES) {
            int end = Math.min(bytes.length, offset + REGION_BYTES);
            if (!Arrays.equals(bytes, offset, end, zeros, 0, end - offset)) {
                writer.write(offset, ByteBuffer.wrap(bytes, offset, end - offset));
            }
        }
        writer.flush();
    }

    /** The first offset where this disk is different from the copy, or -1. */
    long firstDifference(DiskReader reader) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(1 << 20);
        for (int offset = 0; offset < bytes.length; offset += read.capacity()) {
            read.clear().limit(Math.min(read.capacity(), bytes.length - offset));
            reader.read(offset, read);
            int end = offset + read.limit();
            int difference = Arrays.mismatch(bytes, offset, end, read.array(), 0, read.limit());
            if (difference >= 0) {
                return (long) offset + difference;
            }
        }
        return -1;
    }
}
