package io.longhaul.engine.memory;

/**
 * Room for a bounded number of pages, with what their holder notes about each. Thread safe as far as taking and giving
 * back; a slot's content belongs to who took it. Memory is allocated as it is first needed and then kept.
 */
final class PagePool {
    static final int NONE = -1;

    private static final int SLAB_PAGES = 256;

    private final byte[][] slabs;
    private final long[] keys;
    private final int[] stamps;
    private final int[] free;
    private int freeCount;
    private int everTaken;

    PagePool(int pages) {
        slabs = new byte[(pages + SLAB_PAGES - 1) / SLAB_PAGES][];
        keys = new long[pages];
        stamps = new int[pages];
        free = new int[pages];
    }

    int capacity() {
        return keys.length;
    }

    /** A copy of the page, or {@link #NONE} where there is no room. */
    int take(long key, int stamp, byte[] array, int offset) {
        int slot = take();
        if (slot != NONE) {
            keys[slot] = key;
            stamps[slot] = stamp;
            fill(slot, array, offset);
        }
        return slot;
    }

    private synchronized int take() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (everTaken == keys.length) {
            return NONE;
        }
        int slot = everTaken++;
        if (slabs[slot / SLAB_PAGES] == null) {
            slabs[slot / SLAB_PAGES] = new byte[SLAB_PAGES * QemuStream.PAGE_BYTES];
        }
        return slot;
    }

    synchronized void giveBack(int slot) {
        free[freeCount++] = slot;
    }

    void fill(int slot, byte[] array, int offset) {
        System.arraycopy(array, offset, array(slot), offset(slot), QemuStream.PAGE_BYTES);
    }

    void restamp(int slot, int stamp) {
        stamps[slot] = stamp;
    }

    long key(int slot) {
        return keys[slot];
    }

    int stamp(int slot) {
        return stamps[slot];
    }

    byte[] array(int slot) {
        return slabs[slot / SLAB_PAGES];
    }

    int offset(int slot) {
        return slot % SLAB_PAGES * QemuStream.PAGE_BYTES;
    }
}
