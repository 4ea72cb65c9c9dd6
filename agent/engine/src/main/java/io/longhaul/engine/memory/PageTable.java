package io.longhaul.engine.memory;

import java.util.Arrays;

/**
 * Page keys to slots: open addressing with linear probing, in two arrays. Not thread safe. Holds at most half of its
 * capacity, since no more slots exist.
 */
final class PageTable {
    static final int ABSENT = -1;

    private static final long EMPTY = -1;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final long[] keys;
    private final int[] slots;
    private final int shift;
    private int size;

    /** @param entries the most that will be held */
    PageTable(int entries) {
        int capacity = Integer.highestOneBit(Math.max(entries, 2) * 2 - 1) << 1;
        keys = new long[capacity];
        slots = new int[capacity];
        shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
        Arrays.fill(keys, EMPTY);
    }

    int size() {
        return size;
    }

    int get(long key) {
        if (size == 0) {
            return ABSENT;
        }
        int place = placeOf(key);
        return keys[place] == key ? slots[place] : ABSENT;
    }

    /** The key must be absent. */
    void put(long key, int slot) {
        if (size * 2 >= keys.length) {
            throw new IllegalStateException("more entries than were announced: " + size);
        }
        int place = placeOf(key);
        keys[place] = key;
        slots[place] = slot;
        size++;
    }

    int remove(long key) {
        if (size == 0) {
            return ABSENT;
        }
        int place = placeOf(key);
        if (keys[place] != key) {
            return ABSENT;
        }
        int slot = slots[place];
        close(place);
        size--;
        return slot;
    }

    /** Of all entries, in no order. */
    int[] allSlots() {
        int[] found = new int[size];
        int count = 0;
        for (int place = 0; place < keys.length; place++) {
            if (keys[place] != EMPTY) {
                found[count++] = slots[place];
            }
        }
        return found;
    }

    /** Moves back what would not be found any more behind the hole. */
    private void close(int removed) {
        int hole = removed;
        int place = next(hole);
        while (keys[place] != EMPTY) {
            int home = home(keys[place]);
            boolean reachable = hole <= place ? home > hole && home <= place : home > hole || home <= place;
            if (!reachable) {
                keys[hole] = keys[place];
                slots[hole] = slots[place];
                hole = place;
            }
            place = next(place);
        }
        keys[hole] = EMPTY;
    }

    private int placeOf(long key) {
        int place = home(key);
        while (keys[place] != EMPTY && keys[place] != key) {
            place = next(place);
        }
        return place;
    }

    private int home(long key) {
        return (int) (key * MIX >>> shift);
    }

    private int next(int place) {
        return (place + 1) & (keys.length - 1);
    }
}
