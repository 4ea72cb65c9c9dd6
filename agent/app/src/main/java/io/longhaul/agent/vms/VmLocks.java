package io.longhaul.agent.vms;

import io.longhaul.engine.support.KeyedLocks;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One command of a machine at a time; machines never wait for each other. Thread safe. */
public final class VmLocks {
    private final KeyedLocks<UUID> locks = new KeyedLocks<>();
    private final ReentrantLock creation = new ReentrantLock();

    /** Runs the work while no other command of the machine runs. Reentrant. */
    public <T> T with(UUID vmId, Supplier<T> work) {
        return locks.with(vmId, work::get);
    }

    /**
     * Runs the work while no other work chooses files or sweeps them; taken inside a machine's lock, never around one.
     */
    public <T> T withFiles(Supplier<T> work) {
        creation.lock();
        try {
            return work.get();
        } finally {
            creation.unlock();
        }
    }
}
