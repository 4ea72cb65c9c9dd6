package io.longhaul.agent.vms;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A lock for each key, there for as long as somebody holds it or waits for it. Thread safe. */
public final class KeyedLocks<K> {
    private final ConcurrentHashMap<K, Counted> locks = new ConcurrentHashMap<>();

    /** Runs the work while no other work with an equal key runs. Reentrant. */
    public <T> T with(K key, Supplier<T> work) {
        Counted counted = locks.compute(key, (same, known) -> (known == null ? new Counted() : known).entered());
        try {
            counted.lock.lock();
            try {
                return work.get();
            } finally {
                counted.lock.unlock();
            }
        } finally {
            locks.compute(key, (same, known) -> known == null ? null : known.left());
        }
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

        @Nullable
        Counted left() {
            users--;
            return users == 0 ? null : this;
        }
    }
}
