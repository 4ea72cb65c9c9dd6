package io.longhaul.bench.wan;

import io.longhaul.bench.wan.GuestEntry.Kind;
import java.util.List;

/**
 * What one guest has said, host after host: every tick once and in order, and no check that failed. Owned by one thread.
 *
 * <p>A tick that is missing between two hosts is a lost console byte, one that is doubled are two running guests.
 */
final class TickStory {
    private long last = -1;
    private long ticks;

    long ticks() {
        return ticks;
    }

    /** All that it said on the next host. */
    void add(List<GuestEntry> entries) {
        if (entries.stream().noneMatch(entry -> entry.kind() == Kind.TICK)) {
            throw new WanException("The guest was there and no tick of it was seen");
        }
        for (GuestEntry entry : entries) {
            if (entry.kind() == Kind.CHECK_FAILED) {
                throw new WanException("The guest found damage in its check " + entry.number());
            }
            if (entry.kind() == Kind.TICK) {
                if (last >= 0 && entry.number() != last + 1) {
                    throw new WanException("After tick " + last + " came tick " + entry.number());
                }
                last = entry.number();
                ticks++;
            }
        }
    }
}
