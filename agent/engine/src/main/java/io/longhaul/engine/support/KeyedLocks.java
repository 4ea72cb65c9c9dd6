package io.longhaul.engine.support;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A lock for each key, there for as long as somebody holds it or waits for it. Thread safe. */
public final class KeyedLocks<K> {
    private final ConcurrentHashMap<K, Counted> locks = new ConcurrentHashMap<>();

    /** Runs the work while no other work with an equal key runs. Reentrant. */
    public <T, E extends Exception> T with(K key, Work<T, E> work) throws E {
        Counted counted = enter(key);
        try {
            counted.lock.lock();
            return counted.runAndUnlock(work);
        } finally {
            leave(key);
        }
    }

    /**
     * The same, where the turn comes soon enough.
     *
     * @throws TimeoutException where other work had the key for so long; this one has not begun
     */
    public <T, E extends Exception> T with(K key, Duration longestWait, Work<T, E> work)
            throws E, TimeoutException, InterruptedException {
        Counted counted = enter(key);
        try {
            if (!counted.lock.tryLock(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException("other work has " + key + " for more than " + longestWait);
            }
            return counted.runAndUnlock(work);
        } finally {
            leave(key);
        }
    }

    private Counted enter(K key) {
        return locks.compute(key, (same, known) -> (known == null ? new Counted() : known).entered());
    }

    private void leave(K key) {
        locks.compute(key, (same, known) -> known == null ? null : known.left());
    }

    int size() {
        return locks.size();
    }

    /** The count is only touched inside the map's own lock for the key. */
    private static final class Counted {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;

        Counted entered() {
            users++;
            return this;
        }

        <T, E extends Exception> T runAndUnlock(Work<T, E> work) throws E {
            try {
                return work.run();
            } finally {
                lock.unlock();
            }
        }

        @Nullable
        Counted left() {
            users--;
            return users == 0 ? null : this;
        }
    }

    /**
     * What is done under a lock.
     *
     * @param <E> what it may throw; where it declares nothing, RuntimeException
     */
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }
}
