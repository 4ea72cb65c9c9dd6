package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.handover.HandoverState;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.ledger.LedgerException;
import io.longhaul.engine.session.Measurements.DiskDigest;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source's side of a migration. Its flow runs on one thread of its own; the interface's methods are thread safe.
 *
 * <p>Until GRANT is journalled every failure ends in {@link #undo}: the guest runs on here. From then on nothing but the
 * destination's word counts.
 */
final class OutgoingSide implements MigrationSide {
    private static final Logger log = LoggerFactory.getLogger(OutgoingSide.class);

    private final SideContext context;
    private final SideState state;
    private final GuestDefinition guestDefinition;
    private volatile TransferPolicy policy;
    private final FileLedger ledger;
    private final Optional<OutgoingOrder> order;
    private final Signals signals = new Signals();
    private final SideThread thread;

    /** Guards the moment in which GRANT is decided against a wish to abort that comes at the same time. */
    private final Object grantLock = new Object();

    private @Nullable SourceGuest guest;
    private volatile @Nullable SideLink link;
    private volatile @Nullable OutgoingTransfer transfer;
    private volatile @Nullable SideProblem refusal;

    /** @param order empty for a side that an earlier run of the agent left */
    OutgoingSide(
            SideContext context,
            SideFiles files,
            SideFiles.Record record,
            OrderCodec.Kept kept,
            Optional<OutgoingOrder> order,
            String migrationId) {
        this.context = context;
        this.state = new SideState(
                migrationId,
                files,
                record,
                phaseAtStart(record.decision()),
                () -> context.observer().accept(this));
        this.guestDefinition = kept.guest();
        this.policy = kept.policy();
        this.ledger = files.ledger();
        this.order = order;
        this.thread = new SideThread(migrationId, context.threads(), new SourceFlow());
    }

    private static SidePhase phaseAtStart(HandoverState decision) {
        return switch (decision) {
            case OPEN -> SidePhase.PREPARING;
            case GRANTED -> SidePhase.GRANTED;
            case TAKEN -> SidePhase.RELEASED;
            case REFUSED -> SidePhase.ABORTING;
        };
    }

    /** Starts the side's thread. */
    void start() {
        thread.start();
    }

    @Override
    public String migrationId() {
        return state.migrationId();
    }

    @Override
    public UUID guestId() {
        return state.guestId();
    }

    @Override
    public Role role() {
        return Role.SOURCE;
    }

    @Override
    public long epoch() {
        return state.epoch();
    }

    @Override
    public SideStatus status() {
        return state.status();
    }

    @Override
    public boolean isCutOff() {
        return state.phase() == SidePhase.GRANTED && (link == null || signals.has(Signal.LINK_ENDED));
    }

    @Override
    public void abort() {
        endBeforeGrant(signals::requestAbort, Problems.askedToAbort());
    }

    @Override
    public void resolve(Decision decision) {
        if (state.decision() == HandoverState.GRANTED) {
            signals.decide(decision);
        }
    }

    /** The hypervisor's answer may take seconds, and whoever asked is not to wait for it. */
    @Override
    public void changePolicy(TransferPolicy newPolicy) {
        policy = newPolicy;
        context.threads().newThread(this::applyPolicy).start();
    }

    /** Whichever thread comes last applies the newest. */
    private synchronized void applyPolicy() {
        TransferPolicy newest = policy;
        SideLink currentLink = link;
        if (currentLink != null) {
            currentLink.link().limitRate(newest.maxBytesPerSecond().orElse(0));
        }
        OutgoingTransfer current = transfer;
        if (current != null) {
            current.changePolicy(newest);
        }
    }

    /** The agent is being stopped: a side before GRANT is undone now rather than at the next start. */
    void agentStops() {
        failBeforeGrant(Problems.agentStopped());
    }

    /** Waits until a side that can be undone is; one that has sent GRANT is let go of as it is. */
    boolean awaitStopped(Duration deadline) throws InterruptedException {
        HandoverState decision = state.decision();
        if (decision == HandoverState.GRANTED || decision == HandoverState.TAKEN || !thread.awaitEnd(deadline)) {
            thread.interrupt();
        }
        return thread.awaitEnd(deadline);
    }

    private void failBeforeGrant(SideProblem problem) {
        endBeforeGrant(() -> signals.fail(problem), problem);
    }

    /** Once the end is noted GRANT cannot follow, so what frees the side's thread needs no lock. */
    private void endBeforeGrant(Runnable noteEnd, SideProblem told) {
        synchronized (grantLock) {
            if (state.decision() != HandoverState.OPEN) {
                return;
            }
            noteEnd.run();
        }
        OutgoingTransfer current = transfer;
        if (current != null) {
            current.stopDisks();
        }
        tell(new ControlMessage.Abort(told));
        // The link's farewell may take a second, and whoever asked for the end is not to wait for it.
        context.threads().newThread(this::hangUp).start();
    }

    private void tell(ControlMessage message) {
        SideLink current = link;
        if (current != null) {
            current.tell(message);
        }
    }

    /** Frees a thread that waits for the window of a stream. The destination, not having GRANT, refuses. */
    private void hangUp() {
        SideLink current = link;
        if (current != null) {
            current.close();
        }
    }

    private final class SourceFlow implements SideThread.Flow {
        @Override
        public void run(boolean first) throws IOException, InterruptedException {
            switch (state.decision()) {
                case OPEN -> transferOrUndo(first);
                case GRANTED -> followDecision();
                case TAKEN -> release();
                case REFUSED -> undo(first ? Optional.of(Problems.agentRestarted()) : signals.failure());
            }
        }

        @Override
        public void letGo() {
            endTransfer();
            SourceGuest held = guest;
            if (held != null) {
                held.close();
            }
        }
    }

    private void transferOrUndo(boolean first) throws IOException, InterruptedException {
        try {
            if (!first) {
                throw new SideEndedException(signals.failure());
            }
            if (order.isEmpty()) {
                throw new SideEndedException(Problems.agentRestarted());
            }
            transfer(order.get());
        } catch (SideEndedException e) {
            undo(e.problem());
            return;
        } catch (HypervisorException e) {
            undo(Optional.of(Problems.sourceHypervisor(e)));
            return;
        } catch (LinkException | StorageException e) {
            undo(reasonBehind(e));
            return;
        } catch (LedgerException | IOException e) {
            // GRANT is told only after it is journalled; where that failed it was not told, and the guest is still
            // here.
            undo(Optional.of(Problems.ledgerFailed(e)));
            return;
        } catch (RuntimeException | Error e) {
            log.error("{}: fault in the source's side", migrationId(), e);
            undo(Optional.of(Problems.internal(e)));
            return;
        }
        followDecision();
    }

    /** A link that fails under the side's thread mostly ended for a reason that is known. */
    private Optional<SideProblem> reasonBehind(Exception failure) throws InterruptedException {
        if (link != null) {
            signals.awaitAtMost(Signal.LINK_ENDED, SideLink.LAST_WORDS);
        }
        try {
            signals.check();
        } catch (SideEndedException known) {
            return known.problem();
        }
        return Optional.of(Problems.linkFailed(failure));
    }

    /** From the order to GRANT. */
    private void transfer(OutgoingOrder newOrder)
            throws HypervisorException, LinkException, StorageException, SideEndedException, IOException,
                    InterruptedException {
        state.enter(SidePhase.PREPARING, "ordered");
        SourceGuest source = context.hypervisor().openSource(guestDefinition, ledger, new SourceEvents());
        guest = source;
        SideLink newLink = new SideLink(
                context.links()
                        .connect(newOrder.destination(), migrationId(), epoch(), newOrder.peer(), signals::clean),
                signals,
                this::onMessage,
                this::failBeforeGrant,
                end -> failBeforeGrant(Problems.linkEnded(end)));
        link = newLink;
        newLink.link().patience(context.settings().linkPatience());
        OutgoingTransfer newTransfer =
                new OutgoingTransfer(context, guestDefinition, policy, source, newLink.link(), signals);
        transfer = newTransfer;
        // Now that both are there: also what was changed since they were made.
        applyPolicy();
        state.progressFrom(newTransfer::progress);
        newLink.onOutage(migrationId(), newTransfer::onOutage);

        signals.check();
        state.enter(SidePhase.COPYING_DISKS, "connected to " + newOrder.destination());
        newTransfer.startDisks(newOrder.blankDisks());
        newTransfer.awaitMemoryDue();

        state.enter(SidePhase.COPYING_MEMORY, "the disks are in sync or nearly so");
        newTransfer.copyMemory();
        newTransfer.awaitPause();

        switchOver(newTransfer, newLink);
    }

    /**
     * From the pause to GRANT. What those who watch the phases do with one competes with a guest that stands still, so they
     * hear of this one when there is nothing left to do here but to wait for the hypervisor.
     */
    private void switchOver(OutgoingTransfer current, SideLink currentLink)
            throws HypervisorException, StorageException, SideEndedException, IOException, InterruptedException {
        currentLink.link().patience(context.settings().pausedPatience());
        currentLink.tell(new ControlMessage.Paused());
        Duration deadline = context.settings().longestPause(policy);
        current.onSwitchoverTooLong(deadline, () -> failBeforeGrant(Problems.switchoverTooLong(deadline)));
        ControlMessage.Seal seal = current.sendTheDisks();
        currentLink.tell(seal);
        current.continueMemory();
        state.enter(SidePhase.SWITCHING_OVER, "the guest is paused");
        ControlMessage.Grant grant = current.sendTheMemory(seal);
        current.awaitLink();
        synchronized (grantLock) {
            signals.check();
            state.decide(HandoverState.GRANTED);
        }
        currentLink.tell(grant);
        state.enter(SidePhase.GRANTED, "GRANT sent");
    }

    /** After GRANT: whatever happens to the link, only TAKEN or REFUSED from the destination itself decides. */
    private void followDecision() throws IOException, InterruptedException {
        Signal decision = awaitDecision();
        if (decision == Signal.TAKEN) {
            release();
            return;
        }
        state.decide(HandoverState.REFUSED);
        undo(Optional.of(Optional.ofNullable(refusal).orElseGet(Problems::refusedAfterGrant)));
    }

    /** Where the answer cannot come by the link, those who watch must hear that, to get it another way. */
    private Signal awaitDecision() throws InterruptedException {
        if (link != null) {
            Signal first = signals.awaitWhateverHappens(Set.of(Signal.TAKEN, Signal.REFUSED, Signal.LINK_ENDED));
            if (first != Signal.LINK_ENDED) {
                return first;
            }
        }
        state.publish();
        return signals.awaitWhateverHappens(Set.of(Signal.TAKEN, Signal.REFUSED));
    }

    /** The machine is the destination's: give back everything here, then prove that its disks arrived whole. */
    private void release() throws IOException, InterruptedException {
        state.decide(HandoverState.TAKEN);
        endTransfer();
        state.enter(SidePhase.RELEASED, "TAKEN by the destination");
        SourceGuest source = reopenedGuest();
        if (source != null) {
            destroy(source);
            if (policy.verifyDisks()) {
                signals.letPass(context.settings().verificationDelay());
                List<DiskDigest> digests = DiskVerification.digests(guestDefinition, source::openStoppedDisk);
                state.measured(measurements -> measurements.withDiskDigests(digests));
            }
            source.close();
        }
        LedgerCleanUp.run(migrationId(), ledger);
        state.enter(SidePhase.COMPLETED, "released");
    }

    private void destroy(SourceGuest source) throws InterruptedException {
        HypervisorRetry.untilDone(migrationId(), "end the guest's hypervisor", source::destroy);
    }

    /** The guest first; then everything else. */
    private void undo(Optional<SideProblem> reason) throws IOException, InterruptedException {
        reason.ifPresent(state::problem);
        state.enter(SidePhase.ABORTING, reason.map(SideProblem::detail).orElse("asked to"));
        if (!takeBack()) {
            state.problem(Problems.guestDied("the hypervisor's process is gone"));
        }
        SideLink current = link;
        if (current != null && state.decision() == HandoverState.OPEN) {
            current.tellAndAwaitEnd(new ControlMessage.Abort(reason.orElseGet(Problems::askedToAbort)));
        }
        endTransfer();
        LedgerCleanUp.run(migrationId(), ledger);
        state.decide(HandoverState.REFUSED);
        state.enter(SidePhase.ABORTED, "undone");
    }

    /** @return false where there is no guest any more */
    private boolean takeBack() throws InterruptedException {
        SourceGuest held = guest;
        if (held != null && takenBack(held)) {
            return true;
        }
        // What is gone may be only our connection to it.
        guest = null;
        SourceGuest found = reopenedGuest();
        return found != null && takenBack(found);
    }

    private boolean takenBack(SourceGuest source) throws InterruptedException {
        boolean running = HypervisorRetry.untilDone(migrationId(), "take the guest back", source::takeBack);
        source.close();
        return running;
    }

    /** The guest of this run, or after a restart of the agent the one that runs; null where there is none. */
    private @Nullable SourceGuest reopenedGuest() throws InterruptedException {
        if (guest == null) {
            HypervisorRetry.untilDone(
                    migrationId(),
                    "find the guest",
                    () -> guest = context.hypervisor().openSource(guestDefinition, ledger, IgnoredEvents.INSTANCE));
        }
        return guest;
    }

    private void endTransfer() {
        OutgoingTransfer current = transfer;
        if (current != null) {
            state.measured(current.measured());
            state.freezeProgress();
            current.close();
        }
        hangUp();
    }

    private void onMessage(ControlMessage message) {
        if (message instanceof ControlMessage.Taken) {
            failBeforeGrant(
                    Problems.peerSentWhatCannotBe(new PeerViolationException("TAKEN without GRANT", "GRANT first")));
            signals.decide(Decision.TAKEN);
        } else if (message instanceof ControlMessage.Refused refused) {
            refusal = refused.problem();
            failBeforeGrant(refused.problem());
            signals.decide(Decision.REFUSED);
        } else {
            failBeforeGrant(Problems.peerSentWhatCannotBe(new PeerViolationException(
                    message.getClass().getSimpleName() + " from a destination", "TAKEN or REFUSED")));
        }
    }

    /** What the hypervisor tells while the guest moves. */
    final class SourceEvents extends IgnoredEvents {
        @Override
        public void switchoverReady() {
            long now = context.nowMillis();
            state.measured(measurements -> measurements.withGuestPausedAtMillis(now));
            signals.raise(Signal.SWITCHOVER_READY);
        }

        @Override
        public void memorySent() {
            signals.raise(Signal.MEMORY_SENT);
        }

        @Override
        public void memoryFailed(String reason) {
            failBeforeGrant(Problems.memoryFailed(Role.SOURCE, reason));
        }

        @Override
        public void mirrorFailed(String disk, String reason) {
            failBeforeGrant(Problems.mirrorFailed(disk, reason));
        }

        @Override
        public void guestGone(String reason) {
            failBeforeGrant(Problems.guestDied(reason));
        }
    }
}
