package io.longhaul.engine.memory;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Remembers where on the disks which content was sent, by fingerprint. Thread safe: those who send disks teach it, the
 * memory's sender asks.
 *
 * <p>512 Ki entries of 16 bytes, 8 MiB in all, for the last 2 GiB of content that was sent. Sets of four, the oldest of a
 * set goes first. What is overwritten later is still found at its old place; the far side's check of the hash notices.
 */
public final class ContentIndex implements KnownContent {
    private static final int ENTRIES = 512 * 1024;
    private static final int SET = 4;
    private static final int DISK_SHIFT = 48;

    private final long[] fingerprints;
    private final long[] locations;
    private final byte[] block = new byte[QemuStream.PAGE_BYTES];

    public ContentIndex() {
        this(ENTRIES);
    }

    /** @param entries a multiple of four, each 16 bytes */
    public ContentIndex(int entries) {
        fingerprints = new long[entries];
        locations = new long[entries];
    }

    /**
     * The far side has, or is about to have, these bytes. Blocks that are not aligned or all zeros are left out.
     *
     * @param data its position and limit stay
     */
    public synchronized void learn(int disk, long offset, ByteBuffer data) {
        ByteBuffer in = data.duplicate();
        int skip = (int) Math.floorMod(-offset, (long) QemuStream.PAGE_BYTES);
        if (skip > in.remaining()) {
            return;
        }
        in.position(in.position() + skip);
        long at = offset + skip;
        while (in.remaining() >= QemuStream.PAGE_BYTES) {
            in.get(block);
            if (!PageFingerprint.isZero(block, 0)) {
                put(PageFingerprint.of(block, 0), (long) disk << DISK_SHIFT | at);
            }
            at += QemuStream.PAGE_BYTES;
        }
    }

    private void put(long fingerprint, long location) {
        int first = setOf(fingerprint);
        int place = first;
        while (place < first + SET - 1 && fingerprints[place] != fingerprint) {
            place++;
        }
        // The newest first: what was in front of its old place moves back by one.
        System.arraycopy(fingerprints, first, fingerprints, first + 1, place - first);
        System.arraycopy(locations, first, locations, first + 1, place - first);
        fingerprints[first] = fingerprint;
        locations[first] = location + 1;
    }

    @Override
    public synchronized Optional<Location> find(long fingerprint) {
        int first = setOf(fingerprint);
        for (int place = first; place < first + SET; place++) {
            if (fingerprints[place] == fingerprint && locations[place] != 0) {
                long location = locations[place] - 1;
                return Optional.of(new Location((int) (location >>> DISK_SHIFT), location & ((1L << DISK_SHIFT) - 1)));
            }
        }
        return Optional.empty();
    }

    private int setOf(long fingerprint) {
        return (int) Long.remainderUnsigned(fingerprint, fingerprints.length / SET) * SET;
    }
}
