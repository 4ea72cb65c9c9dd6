package io.longhaul.engine.memory;

import io.longhaul.engine.transport.LinkException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;

/** Hot pages that wait for their last version. Owned by the sender's thread; {@link #quietBytes} by any. */
final class HeldPages {
    private final PagePool pool;
    private final int pagesLimit;
    private final PageTable table;
    private volatile int count;
    private int heldAtTurn;
    private int replacedSince;
    private volatile double quietShare = 1;

    /** Takes a page that is not held any more; its slot is given back after the call. */
    interface Leaving {
        void send(int slot) throws LinkException, InterruptedException;
    }

    HeldPages(PagePool pool, int pagesLimit) {
        this.pool = pool;
        this.pagesLimit = Math.min(pagesLimit, pool.capacity());
        this.table = new PageTable(pool.capacity());
    }

    /** Forgets the older version of the page. False where none was held. */
    boolean drop(long key) {
        int slot = table.remove(key);
        if (slot == PageTable.ABSENT) {
            return false;
        }
        count = table.size();
        pool.giveBack(slot);
        return true;
    }

    /** Takes the newer version in place of the one that is held. False where none was. */
    boolean replace(long key, int round, byte[] array, int offset) {
        int slot = table.get(key);
        if (slot == PageTable.ABSENT) {
            return false;
        }
        pool.fill(slot, array, offset);
        pool.restamp(slot, round);
        replacedSince++;
        return true;
    }

    /** False where there is no room; what is held stays, since a sweep over more pages than there is room would else keep none. */
    boolean hold(long key, int round, byte[] array, int offset, long budgetBytes) {
        if (table.size() >= pagesLimit || bytes() + QemuStream.PAGE_BYTES > budgetBytes) {
            return false;
        }
        int slot = pool.take(key, round, array, offset);
        if (slot == PagePool.NONE) {
            return false;
        }
        table.put(key, slot);
        count = table.size();
        return true;
    }

    /**
     * A round has ended. What of the pages held did not come again in it is quiet: those that did will be dirty again when
     * the guest is paused, and so are counted by the hypervisor already.
     */
    void round() {
        quietShare = heldAtTurn == 0 ? 1 : Math.max(0, 1 - replacedSince / (double) heldAtTurn);
        heldAtTurn = table.size();
        replacedSince = 0;
    }

    /** Lets go of what did not change in the whole round before this one, and of the oldest while above the budget. */
    void sweep(int round, long budgetBytes, Leaving leaving) throws LinkException, InterruptedException {
        if (table.size() == 0) {
            return;
        }
        release(slot -> round - pool.stamp(slot) >= 2, leaving);
        shrink(budgetBytes, leaving);
    }

    /** Lets go of the oldest while above the budget. */
    void shrink(long budgetBytes, Leaving leaving) throws LinkException, InterruptedException {
        if (bytes() > budgetBytes) {
            int keep = (int) Math.max(0, budgetBytes / QemuStream.PAGE_BYTES);
            int[] oldest = Arrays.stream(table.allSlots())
                    .boxed()
                    .sorted(Comparator.comparingInt(pool::stamp))
                    .limit((long) table.size() - keep)
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int slot : oldest) {
                release(slot, leaving);
            }
        }
    }

    void releaseAll(Leaving leaving) throws LinkException, InterruptedException {
        release(slot -> true, leaving);
    }

    private void release(IntPredicate which, Leaving leaving) throws LinkException, InterruptedException {
        int[] slots = Arrays.stream(table.allSlots()).filter(which).toArray();
        if (slots.length == 0) {
            return;
        }
        // In the order of their addresses, so that neighbours share a run.
        int[] ordered = Arrays.stream(slots)
                .boxed()
                .sorted(Comparator.comparingLong(pool::key))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int slot : ordered) {
            release(slot, leaving);
        }
    }

    private void release(int slot, Leaving leaving) throws LinkException, InterruptedException {
        table.remove(pool.key(slot));
        count = table.size();
        leaving.send(slot);
        pool.giveBack(slot);
    }

    long quietBytes() {
        return Math.round(bytes() * quietShare);
    }

    long bytes() {
        return (long) count * QemuStream.PAGE_BYTES;
    }
}
