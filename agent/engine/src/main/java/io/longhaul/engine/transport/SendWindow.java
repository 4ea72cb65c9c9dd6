package io.longhaul.engine.transport;

/**
 * What one stream has sent and not got acknowledged, in frames and bytes. Not thread safe: its owner's lock guards it.
 *
 * <p>Invariant: oldest &lt;= next &lt;= oldest + frames, and every frame outside [oldest, next) is forgotten.
 */
final class SendWindow {
    private final WindowBudget budget;
    /** By number modulo the window: 0 acknowledged, negative queued here, positive handed to a connection. */
    private final int[] sizes;

    private long oldest;
    private long next;
    private long unacknowledgedBytes;

    SendWindow(WindowBudget budget, int frames) {
        this.budget = budget;
        this.sizes = new int[frames];
        budget.join();
    }

    boolean hasRoomFor(int bytes) {
        return next - oldest < sizes.length
                && unacknowledgedBytes + bytes <= budget.shareBytes()
                && budget.hasRoomFor(bytes);
    }

    /** @return the number of the frame, which the window had room for */
    long queue(int bytes) {
        sizes[slot(next)] = -bytes;
        unacknowledgedBytes += bytes;
        budget.take(bytes);
        return next++;
    }

    void handOut(long number) {
        sizes[slot(number)] = Math.abs(sizes[slot(number)]);
    }

    void acknowledge(long first, int count) throws WireViolationException {
        if (first < oldest || first + count > next || first + count < first) {
            throw new WireViolationException("frames " + first + " to " + (first + count - 1)
                    + " were acknowledged, on the way are " + oldest + " to " + (next - 1));
        }
        for (long number = first; number < first + count; number++) {
            int bytes = sizes[slot(number)];
            if (bytes <= 0) {
                throw new WireViolationException(
                        "frame " + number + (bytes == 0 ? " was acknowledged twice" : " was acknowledged unsent"));
            }
            sizes[slot(number)] = 0;
            unacknowledgedBytes -= bytes;
            budget.giveBack(bytes);
        }
        while (oldest < next && sizes[slot(oldest)] == 0) {
            oldest++;
        }
    }

    /** All frames below this number are acknowledged. */
    long oldest() {
        return oldest;
    }

    long next() {
        return next;
    }

    long unacknowledgedBytes() {
        return unacknowledgedBytes;
    }

    private int slot(long number) {
        return (int) (number % sizes.length);
    }
}
