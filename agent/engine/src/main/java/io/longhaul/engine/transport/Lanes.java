package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The places for connections of one link and what is in them. Thread safe. */
final class Lanes {
    private final @Nullable Lane[] open;
    private final int[] openings;
    private int count;

    Lanes(int places) {
        this.open = new Lane[places];
        this.openings = new int[places];
    }

    int places() {
        return open.length;
    }

    /**
     * @param replaced what was in the place, which is lost
     * @param again whether there had been one before
     */
    record Put(boolean accepted, @Nullable Lane replaced, boolean again) {}

    /** Takes a connection in; refuses one that is older than what was in its place. */
    synchronized Put put(Lane lane) {
        if (lane.index() >= open.length || lane.opening() <= openings[lane.index()]) {
            return new Put(false, null, false);
        }
        boolean again = openings[lane.index()] > 0;
        Lane replaced = open[lane.index()];
        openings[lane.index()] = lane.opening();
        open[lane.index()] = lane;
        count += replaced == null ? 1 : 0;
        return new Put(true, replaced, again);
    }

    /** @return false where it was removed or replaced before */
    synchronized boolean remove(Lane lane) {
        if (open[lane.index()] != lane) {
            return false;
        }
        open[lane.index()] = null;
        count--;
        return true;
    }

    /** Whether frames can be sent and acknowledged: the urgent one is there, and one of the others. */
    synchronized boolean areUsable() {
        return open[Lane.URGENT] != null && count >= 2;
    }

    synchronized boolean isOpen(int index) {
        return open[index] != null;
    }

    synchronized @Nullable Lane urgent() {
        return open[Lane.URGENT];
    }

    synchronized List<Lane> all() {
        List<Lane> lanes = new ArrayList<>();
        for (Lane lane : open) {
            if (lane != null) {
                lanes.add(lane);
            }
        }
        return lanes;
    }

    synchronized int count() {
        return count;
    }
}
