package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits until QEMU is in a state, asking again after each event. Thread safe. Events only say when to ask: one that was
 * sent before the waiting began, or to an agent that has died since, is not missed.
 */
final class EventSignal {
    /** Asks again after this long even if no event came. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long changes;

    void signal() {
        lock.lock();
        try {
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * @param what completes "... did not happen within"
     * @throws HypervisorException TIMED_OUT, or what the question throws
     */
    void await(String what, Duration deadline, Question question) throws HypervisorException {
        long leftNanos = deadline.toNanos();
        long seen = changes();
        while (!question.isSo()) {
            if (leftNanos <= 0) {
                throw new HypervisorException(Code.TIMED_OUT, what + " did not happen within " + deadline);
            }
            leftNanos -= pause(seen);
            seen = changes();
        }
    }

    private long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next event or a slice of time, and says how long it took. */
    private long pause(long seen) throws HypervisorException {
        lock.lock();
        try {
            long left = SLICE_NANOS;
            while (changes == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            return SLICE_NANOS - left;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(Code.TIMED_OUT, "interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Asks QEMU. */
    interface Question {
        boolean isSo() throws HypervisorException;
    }
}
