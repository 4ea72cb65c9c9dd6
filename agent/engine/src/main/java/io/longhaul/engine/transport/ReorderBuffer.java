package io.longhaul.engine.transport;

import org.jspecify.annotations.Nullable;

/** Gives items out in the order of their numbers. Not thread safe; its owner keeps numbers within the window. */
final class ReorderBuffer<T> {
    private final @Nullable Object[] items;
    private long next;

    ReorderBuffer(int frames) {
        this.items = new Object[frames];
    }

    void put(long number, T item) {
        items[slot(number)] = item;
    }

    /** The next in order, or null where it has not come yet. */
    @Nullable
    T takeNext() {
        int slot = slot(next);
        @SuppressWarnings("unchecked") // only put() fills it
        T item = (T) items[slot];
        if (item != null) {
            items[slot] = null;
            next++;
        }
        return item;
    }

    private int slot(long number) {
        return (int) (number % items.length);
    }
}
