package io.longhaul.engine.storage;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the destination has told of regions that the mover has not come to. Guarded by its {@link DiskCopy}.
 *
 * <p>A run of digests is acknowledged when each of its regions is done with, so the destination, which keeps only so much
 * unacknowledged, bounds what is held here.
 */
final class SeedDigests {
    /** Several times what a destination of ours has on the way; one that sends more is not one of ours. */
    static final long LIMIT_BYTES = 4L << 20;

    /** A run's objects, counted so that many short runs are bounded too. */
    private static final int RUN_BYTES = 256;

    private final TreeMap<Integer, Run> byFirst = new TreeMap<>();
    private long heldBytes;

    /** @param wanted one bit for each region that is not done with */
    private record Run(ByteBuffer digests, BitSet wanted, Runnable consumed) {
        int heldBytes() {
            return digests.remaining() + RUN_BYTES;
        }
    }

    /** @return false where the destination has more on the way than it may */
    boolean add(int first, ByteBuffer digests, BitSet wanted, Runnable consumed) {
        Run run = new Run(digests, wanted, consumed);
        if (heldBytes + run.heldBytes() > LIMIT_BYTES) {
            return false;
        }
        heldBytes += run.heldBytes();
        byFirst.put(first, run);
        return true;
    }

    /** The digest of a region; null where none was told. */
    @Nullable
    ByteBuffer find(int region) {
        Map.Entry<Integer, Run> entry = byFirst.floorEntry(region);
        if (entry == null || !entry.getValue().wanted().get(region - entry.getKey())) {
            return null;
        }
        int start = (region - entry.getKey()) * SeedFrames.DIGEST_BYTES;
        ByteBuffer digests = entry.getValue().digests();
        return digests.slice(digests.position() + start, SeedFrames.DIGEST_BYTES);
    }

    /** The region is done with. @return what acknowledges its run; null while others of the run are not */
    @Nullable
    Runnable forget(int region) {
        Map.Entry<Integer, Run> entry = byFirst.floorEntry(region);
        if (entry == null) {
            return null;
        }
        Run run = entry.getValue();
        int index = region - entry.getKey();
        if (!run.wanted().get(index)) {
            return null;
        }
        run.wanted().clear(index);
        if (!run.wanted().isEmpty()) {
            return null;
        }
        byFirst.remove(entry.getKey());
        heldBytes -= run.heldBytes();
        return run.consumed();
    }

    void clear() {
        byFirst.clear();
        heldBytes = 0;
    }

    boolean isEmpty() {
        return byFirst.isEmpty();
    }

    long heldBytes() {
        return heldBytes;
    }
}
