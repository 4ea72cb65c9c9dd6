package io.longhaul.engine.transport;

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

    ReceiveWindow(ReceiveBudget budget, int frames) {
        this.budget = budget;
        this.states = new byte[frames];
        this.sizes = new int[frames];
    }

    void receive(long number, int bytes) throws WireViolationException {
        if (number < oldest) {
            throw new WireViolationException("frame " + number + " came again");
        }
        if (number - oldest >= states.length) {
            throw new WireViolationException(
                    "frame " + number + " is beyond the window of " + states.length + " frames from " + oldest);
        }
        if (states[slot(number)] != MISSING) {
            throw new WireViolationException("frame " + number + " came again");
        }
        budget.take(bytes);
        states[slot(number)] = RECEIVED;
        sizes[slot(number)] = bytes;
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

    private int slot(long number) {
        return (int) (number % states.length);
    }
}
