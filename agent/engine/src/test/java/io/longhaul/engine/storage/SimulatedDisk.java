package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A disk in memory that lets the world go on in the middle of a read, and tells some zeros as holes. */
final class SimulatedDisk implements DiskWriter {
    private static final byte[] ZEROS = new byte[200_001];

    final byte[] content;
    int flushes;
    int readsUntilFailure = Integer.MAX_VALUE;
    private final Random random;
    private final Runnable world;

    SimulatedDisk(int sizeBytes, Random random, Runnable world) {
        this.content = new byte[sizeBytes];
        this.random = random;
        this.world = world;
    }

    @Override
    public long sizeBytes() {
        return content.length;
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        if (readsUntilFailure-- <= 0) {
            throw new IOException("unreadable");
        }
        // In two parts, in any order, with whatever happens between: a read is not atomic.
        int length = into.remaining();
        int cut = random.nextInt(length + 1);
        int start = into.position();
        boolean backwards = random.nextBoolean();
        world.run();
        copy(offset, into, start, backwards ? cut : 0, backwards ? length : cut);
        world.run();
        copy(offset, into, start, backwards ? 0 : cut, backwards ? cut : length);
        world.run();
        into.position(start + length);
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) {
        world.run();
        List<Extent> extents = new ArrayList<>();
        long end = offset + lengthBytes;
        for (long from = offset; from < end; ) {
            long to = Math.min(end, from + 1 + random.nextInt(200_000));
            boolean zero = isZero((int) from, (int) to) && random.nextInt(5) > 0;
            extents.add(new Extent(from, to - from, zero));
            from = to;
        }
        world.run();
        return extents;
    }

    @Override
    public void write(long offset, ByteBuffer data) {
        data.get(content, (int) offset, data.remaining());
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) {
        Arrays.fill(content, (int) offset, (int) (offset + lengthBytes), (byte) 0);
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private void copy(long offset, ByteBuffer into, int start, int from, int to) {
        into.put(start + from, content, (int) offset + from, to - from);
    }

    private boolean isZero(int from, int to) {
        return Arrays.mismatch(content, from, to, ZEROS, 0, to - from) < 0;
    }
}
