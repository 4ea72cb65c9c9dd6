package io.longhaul.engine.storage;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Frames that have come and are not applied. Thread safe.
 *
 * <p>Only frames whose barrier is reached are given out. Before a barrier is reached only frames sent before it can have
 * been applied, so the number of frames applied reaches it exactly when all of those are.
 */
final class ApplyQueue {
    private final long limitBytes;
    private final Deque<Delivery> ready = new ArrayDeque<>();
    private final TreeMap<Long, Deque<Delivery>> behindBarrier = new TreeMap<>();
    private final Set<Delivery> unapplied = Collections.newSetFromMap(new IdentityHashMap<>());
    private long heldBytes;
    private long applied;
    private long appliedBytes;
    private boolean stopped;

    ApplyQueue(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** @return false where the sender exceeds what it may have in flight; the delivery is not taken then */
    synchronized boolean add(Delivery delivery) {
        if (stopped) {
            return true;
        }
        if (heldBytes + delivery.heldBytes() > limitBytes) {
            return false;
        }
        heldBytes += delivery.heldBytes();
        unapplied.add(delivery);
        if (delivery.barrier() <= applied) {
            ready.add(delivery);
            notifyAll();
        } else {
            behindBarrier
                    .computeIfAbsent(delivery.barrier(), any -> new ArrayDeque<>())
                    .add(delivery);
        }
        return true;
    }

    synchronized @Nullable Delivery poll() {
        return stopped ? null : ready.poll();
    }

    /** Waits for something to apply, for the end, or for so long; 0 for no limit. */
    synchronized void await(long millis) throws InterruptedException {
        if (ready.isEmpty() && !stopped) {
            wait(millis);
        }
    }

    /** The delivery is in the disk. Its acknowledgement is the caller's. */
    synchronized void applied(Delivery delivery) {
        heldBytes -= delivery.heldBytes();
        unapplied.remove(delivery);
        applied++;
        appliedBytes += delivery.lengthBytes();
        while (!behindBarrier.isEmpty() && behindBarrier.firstKey() <= applied) {
            ready.addAll(behindBarrier.pollFirstEntry().getValue());
        }
        notifyAll();
    }

    /** Whether nothing that has come is to change this range, and the disk may still be used. */
    synchronized boolean isSettled(long offset, long lengthBytes) {
        if (stopped) {
            return false;
        }
        for (Delivery delivery : unapplied) {
            if (delivery.offset() < offset + lengthBytes && offset < delivery.offset() + delivery.lengthBytes()) {
                return false;
            }
        }
        return true;
    }

    /** Waits until so many frames are applied. @return false where it was stopped before */
    synchronized boolean awaitApplied(long frames) throws InterruptedException {
        while (applied < frames && !stopped) {
            wait();
        }
        return applied >= frames;
    }

    /** Forgets what it holds and takes no more. */
    synchronized void stop() {
        stopped = true;
        ready.clear();
        behindBarrier.clear();
        unapplied.clear();
        notifyAll();
    }

    synchronized boolean stopped() {
        return stopped;
    }

    synchronized long heldBytes() {
        return heldBytes;
    }

    synchronized long applied() {
        return applied;
    }

    synchronized long appliedBytes() {
        return appliedBytes;
    }
}
