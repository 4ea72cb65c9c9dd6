package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each version of each page whether it is sent, held back, referred to or dropped. Owned by the sender's
 * thread; the counts of bytes held are for any.
 *
 * <p>Pre-copy in three phases (Sharma and Chawla, 2016), seen from the transport:
 *
 * <ol>
 *   <li>The first round sends less: zero pages are runs of a few bytes, what the far side has on disk is a reference.
 *   <li>In the rounds after it, pages that changed in two of the last rounds are held back, and each newer version
 *       replaces the one that is held. What stays quiet for a whole round is sent.
 *   <li>In the last round, the guest paused, every page travels in full in long frames, which the transport compresses, and
 *       the held pages that the hypervisor did not give again follow behind it.
 * </ol>
 *
 * <p>Invariant: the last version the hypervisor gave of a page is at the far side, on the way, in the batch, held, or kept
 * for a reference; and no older version of it will be sent after a newer one. So PAGES always leave before REFERENCES, and
 * a reference leaves before a newer version of its page is added to PAGES.
 *
 * <p>A round ends where an address is not above the one before: the hypervisor searches its blocks in order and turns
 * around at their end, so between two turns no page comes twice. Where it did otherwise, pages would merely look hotter or
 * quieter than they are.
 */
final class PageSender implements StreamEvents {
    private static final Logger LOG = LoggerFactory.getLogger(PageSender.class);

    /** A smaller batch waits for the next bytes: a compressor needs so much to be of use. */
    private static final int WORTH_SENDING_BYTES = 64 * 1024;

    /** As much of the stream as a page takes there: what the hypervisor counts. */
    private static final int PAGE_COST_BYTES = QemuStream.PAGE_BYTES + Long.BYTES;

    private static final int ZERO_COST_BYTES = Long.BYTES + 1;

    private final FrameOutput output;
    private final MemoryPorts ports;
    private final RevisionClock clock;
    private final PageBatch batch = new PageBatch();
    private final PagePool pool;
    private final HeldPages held;
    private final HoldLimit holdLimit;
    private final Optional<References> references;
    private final ByteBuffer opaque = ByteBuffer.allocate(MemorySender.CHUNK_BYTES);
    private Optional<PageHistory> history = Optional.empty();
    private Optional<String> opaqueReason = Optional.empty();
    private long batchCostBytes;
    private long referencesCostBytes;
    private long lastKey = Long.MAX_VALUE;
    private long pagesToTurn;
    private long pages;
    private boolean paused;

    private long pagesRead;
    private long pagesSent;
    private long zeroPages;
    private long pagesSuperseded;
    private long pagesHeldBack;
    private long pagesReferenced;
    private long referencesRefused;

    PageSender(FrameOutput output, MemorySenderSettings settings, MemoryPorts ports, RevisionClock clock) {
        this.output = output;
        this.ports = ports;
        this.clock = clock;
        this.pool = new PagePool(settings.poolBytes() / QemuStream.PAGE_BYTES);
        this.held = new HeldPages(pool, settings.heldLimitBytes() / QemuStream.PAGE_BYTES);
        this.holdLimit = new HoldLimit(ports);
        this.references = ports.knownContent()
                .map(known ->
                        new References(known, pool, settings.verdictPatienceMillis(), output::payloadBytesPerSecond));
    }

    @Override
    public void layout(RamLayout layout) throws LinkException, InterruptedException {
        flush();
        history = Optional.of(new PageHistory(layout));
        pages = layout.pages();
        ByteBuffer payload = layout.encode();
        output.send(MemoryFrames.LAYOUT, payload, 0);
    }

    @Override
    public void page(int block, long page, byte[] array, int offset) throws LinkException, InterruptedException {
        long key = PageKey.of(block, page);
        boolean hot = arrived(key);
        if (PageFingerprint.isZero(array, offset)) {
            sendZero(key);
            return;
        }
        boolean last = paused || ports.lastRound().getAsBoolean();
        if (!last && hot && holdBack(key, array, offset)) {
            output.pace(PAGE_COST_BYTES);
            return;
        }
        forgetHeld(key);
        if (!last && refer(key, array, offset)) {
            return;
        }
        sendFull(key, array, offset);
        pagesSent++;
    }

    @Override
    public void zeroPage(int block, long page) throws LinkException, InterruptedException {
        long key = PageKey.of(block, page);
        arrived(key);
        sendZero(key);
    }

    private void sendZero(long key) throws LinkException, InterruptedException {
        forgetHeld(key);
        supersedeReference(key);
        makeRoom();
        batch.addZero(key);
        batchCostBytes += ZERO_COST_BYTES;
        zeroPages++;
    }

    /** Notes a new version; says whether the page is hot. */
    private boolean arrived(long key) throws LinkException, InterruptedException {
        pagesRead++;
        if (key <= lastKey) {
            clock.round(ports.ticker().nanos());
            pagesToTurn = pages;
            holdLimit.round();
            held.round();
            held.sweep(clock.generation(), holdLimit.bytes(), this::release);
        }
        holdLimit.page();
        lastKey = key;
        pagesToTurn--;
        clock.page();
        int block = PageKey.block(key);
        return history.isPresent() && history.get().seen(block, PageKey.page(key), clock.generation());
    }

    private boolean holdBack(long key, byte[] array, int offset) throws LinkException, InterruptedException {
        if (held.replace(key, clock.generation(), array, offset)) {
            pagesSuperseded++;
            pagesHeldBack++;
            return true;
        }
        long budgetBytes = holdLimit.bytes() - unconfirmedBytes();
        if (!held.hold(key, clock.generation(), array, offset, budgetBytes)) {
            return false;
        }
        supersedeReference(key);
        pagesHeldBack++;
        return true;
    }

    private void forgetHeld(long key) {
        if (held.drop(key)) {
            pagesSuperseded++;
        }
    }

    private void supersedeReference(long key) throws LinkException, InterruptedException {
        if (references.isPresent() && references.get().supersede(key)) {
            flushReferences();
        }
    }

    private boolean refer(long key, byte[] array, int offset) throws LinkException, InterruptedException {
        if (references.isEmpty()) {
            return false;
        }
        supersedeReference(key);
        if (references.get().isExhausted()) {
            flushReferences();
        }
        if (!references.get().refer(key, array, offset, roomForReferences())) {
            return false;
        }
        pagesReferenced++;
        referencesCostBytes += PAGE_COST_BYTES;
        if (references.get().isFull()) {
            flushReferences();
        }
        return true;
    }

    /**
     * A reference without a verdict at the pause is a page more to send then. The hypervisor does not pause while much of a
     * round is left, so before that there may be as many as there is room for.
     */
    private long roomForReferences() {
        long budgetBytes = Math.max(holdLimit.bytes() - held.bytes(), QemuStream.PAGE_BYTES);
        long leftBytes = clock.generation() == 1 ? pagesToTurn * QemuStream.PAGE_BYTES : 0;
        return Math.max(budgetBytes, leftBytes);
    }

    private void sendFull(long key, byte[] array, int offset) throws LinkException, InterruptedException {
        supersedeReference(key);
        makeRoom();
        batch.addFull(key, array, offset);
        batchCostBytes += PAGE_COST_BYTES;
    }

    private void release(int slot) throws LinkException, InterruptedException {
        sendFull(pool.key(slot), pool.array(slot), pool.offset(slot));
        pagesSent++;
    }

    private void sendRefused(long key, byte[] array, int offset) throws LinkException, InterruptedException {
        makeRoom();
        batch.addFull(key, array, offset);
        batchCostBytes += PAGE_COST_BYTES;
        pagesSent++;
    }

    private void makeRoom() throws LinkException, InterruptedException {
        if (!batch.hasRoom()) {
            flushPages();
        }
    }

    @Override
    public void paused() {
        paused = true;
    }

    @Override
    public void pagesEnded() throws LinkException, InterruptedException {
        settle();
    }

    /** Brings the last version of every page on its way. */
    private void settle() throws LinkException, InterruptedException {
        paused = true;
        flush();
        if (references.isPresent()) {
            references.get().close(this::sendRefused);
        }
        held.releaseAll(this::release);
        flush();
    }

    @Override
    public void cut() throws LinkException, InterruptedException {
        LOG.debug("The hypervisor ended the memory stream before its end");
        settle();
    }

    @Override
    public void fallback(String reason) throws LinkException, InterruptedException {
        LOG.warn("The memory stream is carried as it is from here on: {}", reason);
        opaqueReason = Optional.of(reason);
        settle();
    }

    @Override
    public void opaque(byte[] array, int offset, int length) throws LinkException, InterruptedException {
        flushPages();
        flushReferences();
        int done = 0;
        while (done < length) {
            int piece = Math.min(length - done, opaque.remaining());
            opaque.put(array, offset + done, piece);
            done += piece;
            if (!opaque.hasRemaining()) {
                flushOpaque();
            }
        }
    }

    /** Before the sender waits for more from the hypervisor. */
    void beforeWaiting() throws IOException, LinkException, InterruptedException {
        held.shrink(holdLimit.bytes(), this::release);
        if (references.isPresent()) {
            referencesRefused += references.get().sendRefused(this::sendRefused);
        }
        flushOpaque();
        if (batch.bodyBytes() >= WORTH_SENDING_BYTES) {
            flushPages();
            flushReferences();
        }
    }

    /** Sends whatever is ready, for it is not known when more will come. */
    void flush() throws LinkException, InterruptedException {
        flushOpaque();
        flushPages();
        flushReferences();
    }

    private void flushOpaque() throws LinkException, InterruptedException {
        if (opaque.position() > 0) {
            ByteBuffer payload = output.payloads().take(opaque.position());
            payload.put(opaque.flip()).flip();
            opaque.clear();
            output.send(MemoryFrames.BYTES, payload, payload.remaining());
        }
    }

    private void flushPages() throws LinkException, InterruptedException {
        flushOpaque();
        if (!batch.isEmpty()) {
            output.send(MemoryFrames.PAGES, batch.take(output.payloads()), batchCostBytes);
            batchCostBytes = 0;
        }
    }

    private void flushReferences() throws LinkException, InterruptedException {
        if (references.isPresent() && references.get().pendingCount() > 0) {
            flushPages();
            output.send(MemoryFrames.REFERENCES, references.get().take(), referencesCostBytes);
            referencesCostBytes = 0;
        }
    }

    /** The destination's verdict about references; on the link's thread. */
    void onVerdict(Frame frame) {
        references.ifPresent(asked -> asked.onVerdict(frame));
    }

    long unconfirmedBytes() {
        return references.map(References::keptBytes).orElse(0L);
    }

    /** Of the pages held, those that the hypervisor will hardly give again before the pause, as the last round was. */
    long quietHeldBytes() {
        return held.quietBytes();
    }

    long roundBytes() {
        return holdLimit.roundBytes();
    }

    MemoryCounters counters() {
        return new MemoryCounters(
                pagesRead,
                pagesSent,
                zeroPages,
                pagesSuperseded,
                pagesHeldBack,
                pagesReferenced,
                referencesRefused,
                clock.generation(),
                clock.revision(),
                opaqueReason);
    }
}
