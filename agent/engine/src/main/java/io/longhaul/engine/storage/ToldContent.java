package io.longhaul.engine.storage;

import io.longhaul.engine.transport.PeerViolationException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What one disk's destination tells of its content before the migration. Thread safe: part of its {@link DiskCopy}, whose
 * monitor every method enters, for short.
 *
 * <p>Only regions that were never told of are: nothing of them was sent yet, so what the destination read is what it still
 * holds when the mover compares.
 */
final class ToldContent {
    /** Regions handled at a time where all of a disk's may be told of, so that the guest's writes come in between. */
    private static final int SLICE_REGIONS = 1 << 14;

    private final RegionMap map;
    private final boolean saidBlank;
    private final Object monitor;
    private final Runnable changed;
    private final SeedDigests digests = new SeedDigests();
    private final Deque<Runnable> answered = new ArrayDeque<>();
    private boolean wholeToldBlank;
    private boolean endTold;
    private boolean ended;

    /**
     * @param saidBlank whether the destination was known to read as zeros before it could tell anything
     * @param changed called within the monitor where the mover may have more to do
     */
    ToldContent(RegionMap map, boolean saidBlank, Object monitor, Runnable changed) {
        this.map = map;
        this.saidBlank = saidBlank;
        this.monitor = monitor;
        this.changed = changed;
    }

    int regionCount() {
        return map.count();
    }

    /** The digest of what the destination held of a region that was never sent; null where it has told none. */
    @Nullable
    ByteBuffer digest(int region) {
        synchronized (monitor) {
            return digests.find(region);
        }
    }

    /** The region is sent, or found equal. */
    void forget(int region) {
        synchronized (monitor) {
            Runnable consumed = digests.isEmpty() ? null : digests.forget(region);
            if (consumed != null) {
                answered.add(consumed);
            }
        }
    }

    /** Acknowledges a frame of digests of which all are done with; null where there is none. */
    @Nullable
    Runnable takeAnswered() {
        synchronized (monitor) {
            return answered.poll();
        }
    }

    /**
     * @param consumed run once all these regions are done with, see {@link #takeAnswered}
     * @return false where none of them is of use any more
     */
    boolean tellDigests(int first, int count, ByteBuffer told, Runnable consumed) throws StorageException {
        if (saidBlank) {
            // Zeros were not sent to it: better no move than one to a disk that may have held something there.
            throw new StorageException(new PeerViolationException(
                    "the destination's disk holds something from region " + first + " on", "a disk that is blank"));
        }
        synchronized (monitor) {
            BitSet wanted = new BitSet();
            for (int region = first; region < first + count && !ended; region++) {
                if (!map.told(region)) {
                    map.tell(region, false);
                    wanted.set(region - first);
                }
            }
            if (wanted.isEmpty()) {
                return false;
            }
            changed.run();
            if (!digests.add(first, told, wanted, consumed)) {
                throw new StorageException(new PeerViolationException(
                        "more digests than the destination may send, " + digests.heldBytes() + " bytes are held and "
                                + told.remaining() + " came",
                        "at most " + SeedDigests.LIMIT_BYTES + " bytes that are not acknowledged"));
            }
            return true;
        }
    }

    /** The destination reads as zeros in these regions. */
    void tellBlank(int first, int end) {
        synchronized (monitor) {
            wholeToldBlank |= first == 0 && end == map.count();
        }
        for (int from = first; from < end; from += SLICE_REGIONS) {
            tell(from, Math.min(end, from + SLICE_REGIONS), true);
        }
    }

    /** The destination has told all that it can: where its disk was said to be blank, that is what it must have told. */
    void tellEnd() throws StorageException {
        synchronized (monitor) {
            if (saidBlank && !wholeToldBlank && map.count() > 0) {
                throw new StorageException(new PeerViolationException(
                        "the destination does not tell of its disk as blank", "a disk that is blank"));
            }
            endTold = true;
        }
        tellTheRest();
    }

    /** Whether the destination has told itself what was said of its disk before, if anything was. */
    boolean isConfirmed() {
        synchronized (monitor) {
            return !saidBlank || endTold;
        }
    }

    /** Regions of which nothing was told are not waited for any more. */
    void tellTheRest() {
        for (long from = 0; from < map.count() && anyUntold(); from += SLICE_REGIONS) {
            tell((int) from, (int) Math.min(map.count(), from + SLICE_REGIONS), false);
        }
    }

    private boolean anyUntold() {
        synchronized (monitor) {
            return map.untoldCount() > 0;
        }
    }

    private void tell(int first, int end, boolean blank) {
        synchronized (monitor) {
            for (int region = first; region < end; region++) {
                if (!map.told(region)) {
                    map.tell(region, blank);
                }
            }
            changed.run();
        }
    }

    /** Nothing is held any more. */
    void clear() {
        synchronized (monitor) {
            ended = true;
            digests.clear();
            answered.clear();
        }
    }
}
