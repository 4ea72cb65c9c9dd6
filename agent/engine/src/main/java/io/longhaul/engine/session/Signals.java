package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a side's thread waits on: things that happened, the first failure, a wish to abort. Thread safe; raising never
 * blocks. Nothing raised is ever taken back.
 */
final class Signals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Signal> raised = EnumSet.noneOf(Signal.class);
    private @Nullable SideProblem failure;
    private boolean abortRequested;

    enum Signal {
        LINKED,
        SWITCHOVER_READY,
        MEMORY_SENT,
        MEMORY_PUMPED,
        MEMORY_LOADED,
        SEAL,
        GRANT,
        TAKEN,
        REFUSED,
        LINK_ENDED
    }

    void raise(Signal signal) {
        change(() -> raised.add(signal));
    }

    /** The first failure stays; later ones are its consequences, as are those that follow a wish to abort. */
    void fail(SideProblem problem) {
        change(() -> {
            if (failure == null && !abortRequested) {
                failure = problem;
            }
        });
    }

    /**
     * A failure that may be only the first sign of another: when a hypervisor dies its connections break a moment before its
     * end is told. Waits that moment for the cause; never on a thread that must not block.
     */
    void failUnlessExplained(SideProblem symptom, Duration moment) {
        lock.lock();
        try {
            long left = moment.toNanos();
            while (failure == null && !abortRequested && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        fail(symptom);
    }

    void requestAbort() {
        change(() -> abortRequested = true);
    }

    /** The destination's word; the first stays, whatever way the second comes. */
    void decide(Decision decision) {
        change(() -> {
            if (!raised.contains(Signal.TAKEN) && !raised.contains(Signal.REFUSED)) {
                raised.add(decision == Decision.TAKEN ? Signal.TAKEN : Signal.REFUSED);
            }
        });
    }

    boolean has(Signal signal) {
        lock.lock();
        try {
            return raised.contains(signal);
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing has failed and nobody wants an abort. */
    boolean clean() {
        lock.lock();
        try {
            return failure == null && !abortRequested;
        } finally {
            lock.unlock();
        }
    }

    Optional<SideProblem> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Returns at once unless the side has failed or is asked to abort. */
    void check() throws SideEndedException {
        lock.lock();
        try {
            throwIfEnded();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the signal, a failure or a wish to abort, whichever is first. */
    void await(Signal signal) throws SideEndedException, InterruptedException {
        lock.lock();
        try {
            while (!raised.contains(signal)) {
                throwIfEnded();
                changed.await();
            }
            throwIfEnded();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #await(Signal)}, and fails with the problem when the time is up. */
    void await(Signal signal, Duration deadline, SideProblem late) throws SideEndedException, InterruptedException {
        lock.lock();
        try {
            long left = deadline.toNanos();
            while (!raised.contains(signal)) {
                throwIfEnded();
                if (left <= 0) {
                    throw new SideEndedException(late);
                }
                left = changed.awaitNanos(left);
            }
            throwIfEnded();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for one of the signals whatever else happens: for when a failure can no longer change what is right. */
    Signal awaitWhateverHappens(Set<Signal> signals) throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                for (Signal signal : signals) {
                    if (raised.contains(signal)) {
                        return signal;
                    }
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the signal at most so long, whatever else happens. */
    boolean awaitAtMost(Signal signal, Duration time) throws InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!raised.contains(signal) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return raised.contains(signal);
        } finally {
            lock.unlock();
        }
    }

    /** Lets so much time pass, whatever happens. */
    void letPass(Duration time) throws InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets so much time pass, unless the side fails or is asked to abort. */
    void pause(Duration time) throws SideEndedException, InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            throwIfEnded();
            while (left > 0) {
                left = changed.awaitNanos(left);
                throwIfEnded();
            }
        } finally {
            lock.unlock();
        }
    }

    private void throwIfEnded() throws SideEndedException {
        if (failure != null) {
            throw new SideEndedException(failure);
        }
        if (abortRequested) {
            throw new SideEndedException(Optional.empty());
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
