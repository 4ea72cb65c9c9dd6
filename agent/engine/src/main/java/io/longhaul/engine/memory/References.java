package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Pages that cross the link as the place where the far side has the same content, kept until it says that it found them.
 * {@link #refer} and what sends belong to the sender's thread; verdicts come on the link's.
 *
 * <p>Invariant: a kept page is the newest version of that page, and the far side has it or will be sent it.
 */
final class References {
    private final KnownContent known;
    private final PagePool pool;
    private final PageHash hash = new PageHash();
    private final PageTable kept;
    private final AskingWindow window;
    private final LongSupplier linkBytesPerSecond;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final Deque<Refused> refused = new ArrayDeque<>();
    private final ByteBuffer pending =
            ByteBuffer.allocate(MemoryFrames.REFERENCES_LIMIT * MemoryFrames.REFERENCE_BYTES);
    private List<Long> pendingKeys = new ArrayList<>();
    private final long patienceMillis;
    private int sequence;
    private long verdictCount;
    private boolean outOfPatience;
    private boolean closed;
    private Optional<PeerViolationException> violation = Optional.empty();

    /** One frame of references without a verdict. */
    private record Asked(int sequence, List<Long> keys) {}

    private record Refused(long key, int sequence) {}

    /** Takes a page that must be sent in full. */
    interface InFull {
        void send(long key, byte[] array, int offset) throws LinkException, InterruptedException;
    }

    /**
     * @param patienceMillis for a verdict, where nothing but that is missing
     * @param linkBytesPerSecond what the link carries of pages in full, 0 where it is not known; any thread
     */
    References(KnownContent known, PagePool pool, int patienceMillis, LongSupplier linkBytesPerSecond) {
        this.patienceMillis = patienceMillis;
        this.known = known;
        this.pool = pool;
        this.window = new AskingWindow((long) pool.capacity() * QemuStream.PAGE_BYTES);
        this.linkBytesPerSecond = linkBytesPerSecond;
        this.kept = new PageTable(pool.capacity());
    }

    /** Refers to the page where the far side has it and there is, or will soon be, room to keep it. */
    boolean refer(long key, byte[] array, int offset, long roomBytes) throws InterruptedException {
        if (keptBytes() + QemuStream.PAGE_BYTES > roomBytes) {
            return false;
        }
        Optional<KnownContent.Location> found = known.find(PageFingerprint.of(array, offset));
        return found.isPresent() && awaitRoom() && refer(key, array, offset, found.get());
    }

    /**
     * Waits for a verdict where references alone fill their window: the link would be busy with pages in full meanwhile, and
     * the stream no sooner at its end, as a look-up holds it up for less than that. Where pages that are held back for their
     * last version have a part of the pool it may be full before; then the page goes in full, and nothing waits.
     */
    private synchronized boolean awaitRoom() throws InterruptedException {
        if (!isExhausted() || outOfPatience) {
            return hasRoom();
        }
        long verdicts = verdictCount;
        wait(patienceMillis);
        outOfPatience = verdictCount == verdicts;
        return hasRoom();
    }

    /** Whether there is no room until a verdict comes: what is not sent yet must be, or nobody will answer. */
    synchronized boolean isExhausted() {
        return patienceMillis > 0 && window.isWide() && !hasRoom();
    }

    private boolean hasRoom() {
        return keptBytes() + QemuStream.PAGE_BYTES <= window.bytes();
    }

    private boolean refer(long key, byte[] array, int offset, KnownContent.Location location) {
        synchronized (this) {
            int slot = closed ? PagePool.NONE : pool.take(key, sequence, array, offset);
            if (slot == PagePool.NONE) {
                return false;
            }
            kept.put(key, slot);
        }
        pendingKeys.add(key);
        pending.putShort((short) PageKey.block(key))
                .putLong(PageKey.page(key))
                .putShort((short) location.disk())
                .putLong(location.offset())
                .put(hash.of(array, offset), 0, MemoryFrames.HASH_BYTES);
        return true;
    }

    boolean isFull() {
        return !pending.hasRemaining();
    }

    int pendingCount() {
        return pendingKeys.size();
    }

    /**
     * A newer version of the page is about to be sent: the kept one is of no use any more.
     *
     * @return whether its reference has not been sent yet, and must be before the newer version
     */
    synchronized boolean supersede(long key) {
        int slot = kept.remove(key);
        if (slot == PageTable.ABSENT) {
            return false;
        }
        boolean unsent = pool.stamp(slot) == sequence;
        pool.giveBack(slot);
        return unsent;
    }

    /** The payload of the references not sent yet. */
    synchronized ByteBuffer take() {
        ByteBuffer payload = ByteBuffer.allocate(MemoryFrames.REFERENCES_HEADER_BYTES + pending.position());
        payload.putInt(sequence).putShort((short) pendingKeys.size()).put(pending.flip());
        asked.add(new Asked(sequence, pendingKeys));
        pending.clear();
        pendingKeys = new ArrayList<>();
        sequence++;
        return payload.flip();
    }

    /** What the far side says about one frame; on the link's thread. */
    synchronized void onVerdict(Frame frame) {
        if (violation.isPresent() || closed) {
            return;
        }
        Asked oldest = asked.peekFirst();
        ByteBuffer in = frame.payload().duplicate();
        if (frame.kind() != MemoryFrames.VERDICT || in.remaining() < MemoryFrames.VERDICT_HEADER_BYTES) {
            refuse(
                    "a frame of kind " + frame.kind() + " and " + in.remaining() + " bytes",
                    "a verdict about references");
            return;
        }
        int about = in.getInt();
        long waitedMicros = Integer.toUnsignedLong(in.getInt());
        int count = in.getShort() & 0xFFFF;
        if (oldest == null || oldest.sequence() != about || in.remaining() != count * Short.BYTES) {
            refuse(
                    "a verdict about references " + about + " with " + count + " pages in " + in.remaining() + " bytes",
                    oldest == null ? "none" : "one about " + oldest.sequence());
            return;
        }
        asked.removeFirst();
        verdictCount++;
        outOfPatience = false;
        notifyAll();
        long pageBytes = (long) oldest.keys().size() * QemuStream.PAGE_BYTES;
        window.answered(pageBytes, waitedMicros, linkBytesPerSecond.getAsLong());
        settle(oldest, in);
    }

    private void refuse(String seen, String expected) {
        violation = Optional.of(new PeerViolationException(seen, expected));
    }

    private void settle(Asked about, ByteBuffer refusals) {
        BitSet wanted = new BitSet(about.keys().size());
        while (refusals.hasRemaining()) {
            int index = refusals.getShort() & 0xFFFF;
            if (index >= about.keys().size()) {
                refuse(
                        "a verdict about page " + index,
                        "one of the " + about.keys().size() + " asked for");
                return;
            }
            wanted.set(index);
        }
        for (int index = 0; index < about.keys().size(); index++) {
            long key = about.keys().get(index);
            if (isKept(key, about.sequence())) {
                if (wanted.get(index)) {
                    refused.add(new Refused(key, about.sequence()));
                } else {
                    pool.giveBack(kept.remove(key));
                }
            }
        }
    }

    /** The page may have come again, and have been referred to again, meanwhile. */
    private boolean isKept(long key, int since) {
        int slot = kept.get(key);
        return slot != PageTable.ABSENT && pool.stamp(slot) == since;
    }

    /**
     * Sends what was refused.
     *
     * @return how many pages
     */
    int sendRefused(InFull full) throws IOException, LinkException, InterruptedException {
        int sent = 0;
        while (true) {
            int slot;
            synchronized (this) {
                if (violation.isPresent()) {
                    throw violation.get();
                }
                Refused next = refused.poll();
                if (next == null) {
                    return sent;
                }
                if (!isKept(next.key(), next.sequence())) {
                    continue;
                }
                slot = kept.remove(next.key());
            }
            full.send(pool.key(slot), pool.array(slot), pool.offset(slot));
            pool.giveBack(slot);
            sent++;
        }
    }

    /** Sends in full whatever has no verdict; later ones change nothing any more. All references must have been sent. */
    void close(InFull full) throws LinkException, InterruptedException {
        int[] slots;
        synchronized (this) {
            closed = true;
            asked.clear();
            refused.clear();
            slots = kept.allSlots();
        }
        for (int slot : slots) {
            full.send(pool.key(slot), pool.array(slot), pool.offset(slot));
            synchronized (this) {
                kept.remove(pool.key(slot));
                pool.giveBack(slot);
            }
        }
    }

    synchronized long keptBytes() {
        return (long) kept.size() * QemuStream.PAGE_BYTES;
    }
}
