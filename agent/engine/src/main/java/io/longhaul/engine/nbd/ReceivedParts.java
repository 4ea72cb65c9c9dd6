package io.longhaul.engine.nbd;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which bytes of a buffer have been filled, each at most once. Owned by one thread.
 *
 * <p>Servers may answer a read in any order, and those there are do it from the beginning to the end: then there is
 * nothing to remember but how far they have come.
 */
final class ReceivedParts {
    private int prefixEnd;
    private final NavigableMap<Integer, Integer> endByStart = new TreeMap<>();

    /** Whether none of these bytes had come before; then they have. */
    boolean add(int start, int bytes) {
        int end = start + bytes;
        var before = endByStart.floorEntry(start);
        Integer after = endByStart.ceilingKey(start);
        boolean free =
                start >= prefixEnd && (before == null || before.getValue() <= start) && (after == null || after >= end);
        if (!free) {
            return false;
        }
        if (start != prefixEnd) {
            endByStart.put(start, end);
            return true;
        }
        prefixEnd = end;
        while (endByStart.containsKey(prefixEnd)) {
            prefixEnd = endByStart.remove(prefixEnd);
        }
        return true;
    }

    /** Whether all of the first bytes have come. */
    boolean covers(int bytes) {
        return prefixEnd == bytes;
    }

    int prefixBytes() {
        return prefixEnd;
    }

    /** Stretches that wait for what comes before them. */
    int gaps() {
        return endByStart.size();
    }
}
