package io.longhaul.engine.storage;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The state of every region of one disk. Not thread safe: guarded by its {@link DiskCopy}.
 *
 * <p>One byte a region: bits 0 and 1 the state, bit 2 whether the destination may hold anything but zeros, bit 3 whether
 * the destination once had it, bits 4 and 5 how often the guest sent it back, bit 6 whether it is known what the
 * destination held before. A region that came back often is hot: it is found only when no other is left; one of which
 * nothing is known is not found at all. Chunks count the regions that can be found, so that a search skips the others.
 * A disk of 1 TiB takes 16 MiB.
 */
final class RegionMap {
    static final int REGION_BYTES = 64 << 10;

    private static final int STATE_MASK = 3;
    private static final int SOILED = 1 << 2;
    private static final int DONE = 1 << 3;
    private static final int RETURN_SHIFT = 4;
    private static final int RETURN_MASK = 3;
    /** Twice may be chance; a region that came back three times will come back again. */
    private static final int HOT_RETURNS = 3;

    private static final int TOLD = 1 << 6;

    private static final int CHUNK_SHIFT = 12;
    private static final RegionState[] STATES = RegionState.values();

    private final long sizeBytes;
    private final byte[] regions;
    private final int[] coldWaiting;
    private final int[] hotWaiting;
    private long coldWaitingCount;
    private long hotWaitingCount;
    private long untoldCount;
    private long unsettledBytes;
    private long doneBytes;
    private long returns;

    /** @param blank whether the destination is known to read as zeros; else nothing is known of it */
    RegionMap(long sizeBytes, boolean blank) {
        long count = (sizeBytes + REGION_BYTES - 1) / REGION_BYTES;
        if (sizeBytes < 0 || count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a disk of " + sizeBytes + " bytes cannot be mapped");
        }
        this.sizeBytes = sizeBytes;
        regions = new byte[(int) count];
        int chunks = (int) ((count + (1 << CHUNK_SHIFT) - 1) >> CHUNK_SHIFT);
        coldWaiting = new int[chunks];
        hotWaiting = new int[chunks];
        unsettledBytes = sizeBytes;
        if (!blank) {
            Arrays.fill(regions, (byte) SOILED);
            untoldCount = count;
            return;
        }
        Arrays.fill(regions, (byte) TOLD);
        for (int chunk = 0; chunk < chunks; chunk++) {
            coldWaiting[chunk] = Math.min(1 << CHUNK_SHIFT, regions.length - (chunk << CHUNK_SHIFT));
        }
        coldWaitingCount = count;
    }

    /** How many regions there are of which nothing is known. */
    long untoldCount() {
        return untoldCount;
    }

    boolean told(int region) {
        return (regions[region] & TOLD) != 0;
    }

    /** What the destination held is known, or of no use any more: the region may be taken. */
    void tell(int region, boolean blank) {
        regions[region] |= (byte) TOLD;
        if (blank) {
            regions[region] &= (byte) ~SOILED;
        }
        untoldCount--;
        countWaiting(region, 1);
    }

    static int regionOf(long offset) {
        return (int) (offset / REGION_BYTES);
    }

    int count() {
        return regions.length;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    long offsetOf(int region) {
        return (long) region * REGION_BYTES;
    }

    int lengthOf(int region) {
        return (int) Math.min(REGION_BYTES, sizeBytes - offsetOf(region));
    }

    /** Bytes of a run of regions. */
    long lengthOf(int first, int count) {
        return Math.min(sizeBytes, offsetOf(first + count)) - offsetOf(first);
    }

    RegionState state(int region) {
        return STATES[regions[region] & STATE_MASK];
    }

    boolean soiled(int region) {
        return (regions[region] & SOILED) != 0;
    }

    /** Something else than zeros is on its way: the destination can no longer be taken for zeros here. */
    void soil(int region) {
        regions[region] |= (byte) SOILED;
    }

    boolean hot(int region) {
        return returnsOf(region) >= HOT_RETURNS;
    }

    void take(int region) {
        countWaiting(region, -1);
        setState(region, RegionState.COPYING);
    }

    void copied(int region) {
        setState(region, RegionState.COPIED);
        unsettledBytes -= lengthOf(region);
    }

    /** The mover took it and did not read it. */
    void putBack(int region) {
        setState(region, RegionState.NOT_COPIED);
        countWaiting(region, 1);
    }

    /** The guest changed it and the change cannot be kept: it must be read again. */
    void sendBack(int region) {
        if (state(region) == RegionState.COPIED) {
            unsettledBytes += lengthOf(region);
        }
        returns++;
        if (returnsOf(region) < RETURN_MASK) {
            regions[region] = (byte) (regions[region] + (1 << RETURN_SHIFT));
        }
        putBack(region);
    }

    /** The destination has the region, for the first time or again. */
    void done(int region) {
        if ((regions[region] & DONE) == 0) {
            regions[region] |= (byte) DONE;
            doneBytes += lengthOf(region);
        }
    }

    /**
     * The first NOT_COPIED region of this heat from here on, or from the start, that is told of and may be taken; -1 where
     * there is none.
     */
    int nextWaiting(int from, boolean hot, IntPredicate mayBeTaken) {
        if ((hot ? hotWaitingCount : coldWaitingCount) == 0) {
            return -1;
        }
        int found = search(from, regions.length, hot, mayBeTaken);
        return found >= 0 ? found : search(0, Math.min(from, regions.length), hot, mayBeTaken);
    }

    /** Bytes of the regions that are NOT_COPIED or COPYING. */
    long unsettledBytes() {
        return unsettledBytes;
    }

    /** Bytes of the regions that the destination once had. Never falls. */
    long doneBytes() {
        return doneBytes;
    }

    /** How often the guest sent a region back. */
    long returns() {
        return returns;
    }

    private int search(int from, int end, boolean hot, IntPredicate mayBeTaken) {
        int[] waiting = hot ? hotWaiting : coldWaiting;
        for (int region = from; region < end; ) {
            int chunk = region >> CHUNK_SHIFT;
            int chunkEnd = Math.min(end, (chunk + 1) << CHUNK_SHIFT);
            if (waiting[chunk] == 0) {
                region = chunkEnd;
                continue;
            }
            for (; region < chunkEnd; region++) {
                if (isWaiting(region, hot) && mayBeTaken.test(region)) {
                    return region;
                }
            }
        }
        return -1;
    }

    /** Whether the region is NOT_COPIED, of this heat, and told of. */
    boolean isWaiting(int region, boolean hot) {
        return state(region) == RegionState.NOT_COPIED && hot(region) == hot && told(region);
    }

    private int returnsOf(int region) {
        return regions[region] >> RETURN_SHIFT & RETURN_MASK;
    }

    private void setState(int region, RegionState state) {
        regions[region] = (byte) (regions[region] & ~STATE_MASK | state.ordinal());
    }

    private void countWaiting(int region, int change) {
        if (hot(region)) {
            hotWaiting[region >> CHUNK_SHIFT] += change;
            hotWaitingCount += change;
        } else {
            coldWaiting[region >> CHUNK_SHIFT] += change;
            coldWaitingCount += change;
        }
    }
}
