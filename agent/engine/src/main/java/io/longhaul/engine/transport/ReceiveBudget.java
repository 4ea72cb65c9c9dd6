package io.longhaul.engine.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that the peer's streams of one class may make this side hold. Thread safe. */
final class ReceiveBudget {
    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    ReceiveBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    void take(int bytes) throws WireViolationException {
        long held = heldBytes.addAndGet(bytes);
        if (held > limitBytes) {
            throw new WireViolationException(
                    "the peer sent " + held + " bytes unacknowledged into a window of " + limitBytes);
        }
    }

    void giveBack(int bytes) {
        heldBytes.addAndGet(-bytes);
    }
}
