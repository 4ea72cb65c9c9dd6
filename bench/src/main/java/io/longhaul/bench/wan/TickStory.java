package io.longhaul.bench.wan;

import io.longhaul.bench.wan.GuestEntry.Kind;
import io.longhaul.bench.wan.SerialLog.Heard;

/**
 * What one guest has said, host after host: every tick once and in order, and no check that failed. Owned by one thread.
 *
 * <p>A tick that is missing between two hosts is a lost console byte, one that is doubled are two running guests. A line
 * that the pause has cut in two is put together again.
 */
final class TickStory {
    private long last = -1;
    private long ticks;
    private String unfinished = "";

    long ticks() {
        return ticks;
    }

    /** All that it said on the next host. */
    void add(Heard heard) {
        if (heard.entries().stream().noneMatch(entry -> entry.kind() == Kind.TICK)) {
            throw new WanException("The guest was there and no tick of it was seen");
        }
        boolean isOtherHalf = GuestEntry.parse(heard.first(), 0).isEmpty();
        if (!unfinished.isEmpty() && isOtherHalf) {
            GuestEntry.parse(unfinished + heard.first(), 0).ifPresent(this::next);
        }
        heard.entries().forEach(this::next);
        unfinished = heard.unfinished();
    }

    private void next(GuestEntry entry) {
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
