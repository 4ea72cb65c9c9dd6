package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which frames of one stream have come, are consumed, and are acknowledged. Not thread safe: its owner's lock guards it.
 *
 * <p>A frame counts until its acknowledgement is handed to a connection. The sender frees it later than that, so an
 * honest sender never meets the limits.
 */
final class ReceiveWindow {
    private static final byte MISSING = 0;
    private static final byte RECEIVED = 1;
    private static final byte CONSUMED = 2;
    private static final byte ACKNOWLEDGED = 3;

    private final ReceiveBudget budget;
    private final byte[] states;
    private final int[] sizes;
    private long oldest;
    /** All frames from this number on are missing. */
    private long end;

    ReceiveWindow(ReceiveBudget budget, int frames) {
        this.budget = budget;
        this.states = new byte[frames];
        this.sizes = new int[frames];
    }

    /** @return false where it came before: over a connection that was lost, after which it was sent again */
    boolean receive(long number, int bytes) throws WireViolationException {
        if (number < oldest) {
            return false;
        }
        if (number - oldest >= states.length) {
            throw new WireViolationException(
                    "frame " + number + " is beyond the window of " + states.length + " frames from " + oldest);
        }
        if (states[slot(number)] != MISSING) {
            return false;
        }
        budget.take(bytes);
        states[slot(number)] = RECEIVED;
        sizes[slot(number)] = bytes;
        end = Math.max(end, number + 1);
        return true;
    }

    /** @return the frame's bytes */
    int consume(long number) {
        if (number < oldest || number - oldest >= states.length || states[slot(number)] != RECEIVED) {
            throw new IllegalStateException("frame " + number + " is not held, or was consumed before");
        }
        states[slot(number)] = CONSUMED;
        return sizes[slot(number)];
    }

    void acknowledge(long first, int count) {
        for (long number = first; number < first + count; number++) {
            if (states[slot(number)] != CONSUMED) {
                throw new IllegalStateException("frame " + number + " is acknowledged but not consumed");
            }
            states[slot(number)] = ACKNOWLEDGED;
            budget.giveBack(sizes[slot(number)]);
        }
        while (states[slot(oldest)] == ACKNOWLEDGED) {
            states[slot(oldest)] = MISSING;
            oldest++;
        }
    }

    /** What has come. A frame that is consumed and not acknowledged is told as received: its acknowledgement is to go. */
    List<HeldRange> held(int stream) {
        List<HeldRange> held = new ArrayList<>();
        if (oldest > 0) {
            held.add(new HeldRange(stream, HeldRange.Standing.CONSUMED_BELOW, oldest, 1));
        }
        HeldRange range = null;
        for (long number = oldest; number < end; number++) {
            HeldRange.Standing standing = standing(number);
            if (range != null && standing != null && range.isFollowedBy(standing, number)) {
                range = range.withNext();
                continue;
            }
            add(held, range);
            range = standing == null ? null : new HeldRange(stream, standing, number, 1);
        }
        add(held, range);
        return held;
    }

    private HeldRange.@Nullable Standing standing(long number) {
        return switch (states[slot(number)]) {
            case MISSING -> null;
            case ACKNOWLEDGED -> HeldRange.Standing.CONSUMED;
            default -> HeldRange.Standing.RECEIVED;
        };
    }

    private static void add(List<HeldRange> held, @Nullable HeldRange range) {
        if (range != null) {
            held.add(range);
        }
    }

    private int slot(long number) {
        return (int) (number % states.length);
    }
}
