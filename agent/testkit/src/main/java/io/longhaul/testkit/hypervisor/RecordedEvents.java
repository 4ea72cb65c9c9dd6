package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps what a hypervisor told, and waits for it. Thread safe. */
public final class RecordedEvents implements GuestEvents {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final List<Told> told = new ArrayList<>();

    /** What can be told. */
    public enum Kind {
        SWITCHOVER_READY,
        MEMORY_SENT,
        MEMORY_LOADED,
        MEMORY_FAILED,
        MIRROR_FAILED,
        GUEST_GONE
    }

    /**
     * @param detail the reason, or empty
     */
    public record Told(Kind kind, String detail) {}

    /** Waits for the first event of this kind, which may have come before. */
    public Told await(Kind kind, Duration deadline) {
        lock.lock();
        try {
            long left = deadline.toNanos();
            while (count(kind) == 0 && left > 0) {
                left = added.awaitNanos(left);
            }
            return told.stream()
                    .filter(one -> one.kind() == kind)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + kind + " within " + deadline + ", only " + told));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    public long count(Kind kind) {
        return all().stream().filter(one -> one.kind() == kind).count();
    }

    public List<Told> all() {
        lock.lock();
        try {
            return List.copyOf(told);
        } finally {
            lock.unlock();
        }
    }

    private void add(Kind kind, String detail) {
        lock.lock();
        try {
            told.add(new Told(kind, detail));
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void switchoverReady() {
        add(Kind.SWITCHOVER_READY, "");
    }

    @Override
    public void memorySent() {
        add(Kind.MEMORY_SENT, "");
    }

    @Override
    public void memoryLoaded() {
        add(Kind.MEMORY_LOADED, "");
    }

    @Override
    public void memoryFailed(String reason) {
        add(Kind.MEMORY_FAILED, reason);
    }

    @Override
    public void mirrorFailed(String disk, String reason) {
        add(Kind.MIRROR_FAILED, disk + ": " + reason);
    }

    @Override
    public void guestGone(String reason) {
        add(Kind.GUEST_GONE, reason);
    }
}
