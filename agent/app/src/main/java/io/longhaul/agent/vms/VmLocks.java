package io.longhaul.agent.vms;

import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One command of a machine at a time. Thread safe. A fixed number of locks, so that machines long gone cost nothing;
 * two machines that share one only wait for each other.
 */
public final class VmLocks {
    private static final int COUNT = 64;

    private final ReentrantLock[] locks = new ReentrantLock[COUNT];
    private final ReentrantLock creation = new ReentrantLock();

    public VmLocks() {
        for (int index = 0; index < COUNT; index++) {
            locks[index] = new ReentrantLock();
        }
    }

    /** Runs the work while no other command of the machine runs. Reentrant. */
    public <T> T with(UUID vmId, Supplier<T> work) {
        return with(locks[Math.floorMod(vmId.hashCode(), COUNT)], work);
    }

    /**
     * Runs the work while no other work chooses files or sweeps them; taken inside a machine's lock, never around one.
     */
    public <T> T withFiles(Supplier<T> work) {
        return with(creation, work);
    }

    private static <T> T with(ReentrantLock lock, Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
