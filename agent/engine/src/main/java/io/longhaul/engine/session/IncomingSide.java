package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.handover.HandoverState;
import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.ledger.LedgerException;
import io.longhaul.engine.session.Measurements.DiskDigest;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination's side of a migration. Its flow runs on one thread of its own; the interface's methods are thread safe.
 *
 * <p>Until TAKEN is journalled every failure ends in {@link #refuse}: REFUSED is journalled first, then
 * nothing is left here but disks that are kept for another try.
 */
final class IncomingSide implements MigrationSide {
    private static final Logger log = LoggerFactory.getLogger(IncomingSide.class);

    private final SideContext context;
    private final SideState state;
    private final GuestDefinition guestDefinition;
    private final TransferPolicy policy;
    private final FileLedger ledger;
    private final Optional<IncomingOrder> order;
    private final Signals signals = new Signals();
    private final SourceWords words;
    private final SideThread thread;

    /** Guards the moment in which TAKEN is decided against a wish to abort that comes at the same time. */
    private final Object takeLock = new Object();

    private @Nullable DestinationGuest guest;
    /** By the disk's name, the name its file had; empty after a restart of the agent. */
    private Map<String, Path> takenOver = Map.of();

    private @Nullable GuestWatch watch;
    private volatile Set<String> blankDisks = Set.of();
    private volatile @Nullable SideLink link;
    private volatile @Nullable IncomingTransfer transfer;

    /** @param order empty for a side that an earlier run of the agent left */
    IncomingSide(
            SideContext context,
            SideFiles files,
            SideFiles.Record record,
            OrderCodec.Kept kept,
            Optional<IncomingOrder> order,
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
        this.words = new SourceWords(signals, guestDefinition.disks().size(), this::onPaused, this::failBeforeTaken);
        this.thread = new SideThread(migrationId, context.threads(), new DestinationFlow());
    }

    private static SidePhase phaseAtStart(HandoverState decision) {
        return switch (decision) {
            case OPEN -> SidePhase.PREPARING;
            case TAKEN -> SidePhase.TAKEN;
            case REFUSED -> SidePhase.REFUSED;
            case GRANTED -> throw new IllegalArgumentException("A destination never decides GRANTED");
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
        return Role.DESTINATION;
    }

    @Override
    public long epoch() {
        return state.epoch();
    }

    @Override
    public Set<String> blankDisks() {
        return blankDisks;
    }

    @Override
    public SideStatus status() {
        return state.status();
    }

    @Override
    public void abort() {
        endBeforeTaken(signals::requestAbort);
    }

    /** The destination decides; nobody tells it. */
    @Override
    public void resolve(Decision decision) {}

    /** The source alone holds to it. */
    @Override
    public void changePolicy(TransferPolicy policy) {}

    /** The agent is being stopped: a side before TAKEN is refused now rather than at the next start. */
    void agentStops() {
        failBeforeTaken(Problems.agentStopped());
    }

    /** Waits until a side that can be undone is; one whose machine is already here is let go of as it is. */
    boolean awaitStopped(Duration deadline) throws InterruptedException {
        if (state.decision() == HandoverState.TAKEN || !thread.awaitEnd(deadline)) {
            thread.interrupt();
        }
        return thread.awaitEnd(deadline);
    }

    private void failBeforeTaken(SideProblem problem) {
        endBeforeTaken(() -> signals.fail(problem));
    }

    /** Once the end is noted TAKEN cannot follow, so stopping what is under way needs no lock. */
    private void endBeforeTaken(Runnable noteEnd) {
        synchronized (takeLock) {
            if (state.decision() != HandoverState.OPEN) {
                return;
            }
            noteEnd.run();
        }
        stopTransfer();
    }

    /** Frees a thread that waits for frames to be applied. */
    private void stopTransfer() {
        IncomingTransfer current = transfer;
        if (current != null) {
            current.close();
        }
    }

    private final class DestinationFlow implements SideThread.Flow {
        @Override
        public void run(boolean first) throws IOException, InterruptedException {
            switch (state.decision()) {
                case OPEN -> receiveOrRefuse(first);
                case TAKEN -> takeAgain();
                case REFUSED -> refuse(first ? Optional.of(Problems.agentRestarted()) : signals.failure());
                case GRANTED -> throw new IllegalStateException("A destination never decides GRANTED");
            }
        }

        @Override
        public void letGo() {
            endTransfer();
            closeGuest();
        }
    }

    private void closeGuest() {
        DestinationGuest held = guest;
        if (held != null) {
            held.close();
        }
        guest = null;
    }

    private void receiveOrRefuse(boolean first) throws IOException, InterruptedException {
        try {
            if (!first) {
                throw new SideEndedException(signals.failure());
            }
            if (order.isEmpty()) {
                throw new SideEndedException(Problems.agentRestarted());
            }
            receive(order.get());
        } catch (SideEndedException e) {
            refuse(e.problem());
            return;
        } catch (HypervisorException e) {
            // It may have given up because of an end that was asked for.
            signals.fail(Problems.destinationHypervisor(e));
            refuse(signals.failure());
            return;
        } catch (LedgerException e) {
            refuse(Optional.of(Problems.ledgerFailed(e)));
            return;
        } catch (RuntimeException | Error e) {
            log.error("{}: fault in the destination's side", migrationId(), e);
            refuse(Optional.of(Problems.internal(e)));
            return;
        }
        take();
    }

    /** From the order until everything that GRANT counts is here. */
    private void receive(IncomingOrder newOrder)
            throws HypervisorException, SideEndedException, IOException, InterruptedException {
        state.enter(SidePhase.PREPARING, "ordered");
        note(newOrder.notes());
        DiskSeeds seeds = new DiskSeeds(newOrder.seeds(), signals::clean);
        DestinationGuest destination =
                context.hypervisor().openDestination(guestDefinition, seeds, ledger, new DestinationEvents());
        guest = destination;
        takenOver = destination.beginnings().takenOver();
        note(destination.beginnings().notes());
        IncomingTransfer newTransfer = new IncomingTransfer(context, guestDefinition, destination, signals);
        transfer = newTransfer;
        blankDisks = newTransfer.open();
        state.progressFrom(newTransfer::progress);
        context.links().expect(migrationId(), epoch(), newOrder.peer(), this::onLink);
        signals.check();
        state.enter(SidePhase.PREPARED, "the hypervisor waits for the guest");
        Duration linkDeadline = context.settings().linkDeadline();
        signals.await(Signal.LINKED, linkDeadline, Problems.sourceNeverCame(linkDeadline));
        state.enter(SidePhase.RECEIVING, "the source is connected");
        GuestWatch newWatch = context.watches().watch(guestDefinition);
        watch = newWatch;
        signals.await(Signal.SEAL);
        newWatch.watchTicks();
        sealDisks(newTransfer, destination);
        signals.await(Signal.GRANT);
        words.requireGrantAsSealed();
        newTransfer.awaitMemory();
    }

    /** While memory is still on its way: the guest stands still, and each step here is one less after it. */
    private void sealDisks(IncomingTransfer current, DestinationGuest destination)
            throws HypervisorException, SideEndedException, InterruptedException {
        ControlMessage.Seal seal = words.seal();
        try {
            current.applyDisks(seal.diskFrames());
        } catch (StorageException e) {
            signals.check();
            throw new SideEndedException(
                    Problems.destinationDisk("of " + guestDefinition.name(), String.valueOf(e.getMessage()), e), e);
        }
        destination.sealDisks(policy.verifyDisks());
    }

    private void onLink(Link newLink) {
        try {
            take(newLink);
        } catch (RuntimeException | Error fault) {
            log.error("{}: fault with the link that came", migrationId(), fault);
            failBeforeTaken(Problems.internal(fault));
            newLink.close();
        }
    }

    private void take(Link newLink) {
        SideLink sideLink = new SideLink(newLink, signals, words::onMessage, this::failBeforeTaken, this::onLinkEnd);
        newLink.patience(context.settings().linkPatience());
        sideLink.onOutage(migrationId(), outage -> {});
        link = sideLink;
        if (!signals.clean()) {
            newLink.close();
            return;
        }
        IncomingTransfer current = transfer;
        if (current != null) {
            current.receiveFrom(newLink);
        }
        signals.raise(Signal.LINKED);
    }

    /** With GRANT and all that it counts here, the link is no longer needed to take the machine. */
    private void onLinkEnd(Link.LinkEnd end) {
        ControlMessage.Grant granted = words.grant();
        IncomingTransfer current = transfer;
        boolean complete = granted != null && current != null && current.fits(granted) && current.hasAllOf(granted);
        if (!complete) {
            failBeforeTaken(Problems.linkEnded(end));
        }
    }

    /** The guest stands still until this host has decided, so it decides soon where the link is away. */
    private void onPaused() {
        SideLink current = link;
        if (current != null) {
            current.link().patience(context.settings().pausedPatience());
        }
        IncomingTransfer flushed = transfer;
        if (flushed != null) {
            flushed.flushAhead();
        }
    }

    /** The one step that makes the machine this host's. */
    private void take() throws IOException, InterruptedException {
        boolean taken;
        synchronized (takeLock) {
            taken = signals.clean() && decideTaken();
        }
        if (!taken) {
            refuse(signals.failure());
            return;
        }
        runGuest();
        tell(new ControlMessage.Taken());
        settle();
        state.enter(SidePhase.TAKEN, "the guest runs here");
        verify();
        complete();
    }

    /** A TAKEN that cannot be journalled was not decided: the source gets its guest back. */
    private boolean decideTaken() {
        try {
            return state.decide(HandoverState.TAKEN);
        } catch (IOException e) {
            signals.fail(Problems.ledgerFailed(e));
            return false;
        }
    }

    /** After a restart of the agent: the machine is this host's, whether or not the guest was already started. */
    private void takeAgain() throws IOException, InterruptedException {
        closeGuest();
        settle();
        boolean found = HypervisorRetry.untilDone(
                migrationId(),
                "find the guest that was taken",
                () -> guest = context.hypervisor().reopenDestination(guestDefinition, ledger, IgnoredEvents.INSTANCE));
        if (found) {
            runGuest();
        } else {
            state.problem(Problems.diedAfterItWasTaken("its process was gone when the agent came back"));
        }
        state.enter(SidePhase.TAKEN, "taken up again after a restart of the agent");
        complete();
    }

    private void runGuest() throws InterruptedException {
        DestinationGuest destination = guest;
        if (destination == null || !HypervisorRetry.untilDone(migrationId(), "run the guest", destination::run)) {
            state.problem(Problems.diedAfterItWasTaken("its process ended as it was to run"));
            return;
        }
        long now = context.nowMillis();
        state.measured(measurements -> measurements.withGuestRunningAtMillis(now));
    }

    private void settle() throws InterruptedException {
        HypervisorRetry.untilDone(
                migrationId(),
                "keep what belongs to the machine",
                () -> context.hypervisor().settle(guestDefinition, ledger));
    }

    private void verify() throws InterruptedException {
        DestinationGuest destination = guest;
        if (policy.verifyDisks() && destination != null) {
            signals.letPass(context.settings().verificationDelay());
            List<DiskDigest> digests = DiskVerification.digests(guestDefinition, destination::openFrozenDisk);
            state.measured(measurements -> measurements.withDiskDigests(digests));
            thaw(destination);
        }
        GuestWatch watching = watch;
        if (watching != null) {
            Optional<Boolean> healthy = watching.awaitCheck(context.settings().guestCheckDeadline());
            Optional<GuestWatch.Ticks> ticks = watching.ticks();
            state.measured(
                    measurements -> measurements.withGuestHealthy(healthy).withTicks(ticks));
        }
    }

    private void thaw(DestinationGuest destination) throws InterruptedException {
        HypervisorRetry.untilDone(migrationId(), "end the frozen state of the disks", destination::thaw);
    }

    private void complete() throws IOException, InterruptedException {
        DestinationGuest destination = guest;
        if (destination != null) {
            thaw(destination);
            closeGuest();
        }
        SideLink current = link;
        if (current != null) {
            // A TAKEN that is lost with the link has to come by the control plane, which takes longer.
            current.awaitHeard(context.settings().pausedPatience());
        }
        endTransfer();
        LedgerCleanUp.run(migrationId(), ledger);
        state.enter(SidePhase.COMPLETED, "verified");
    }

    /** Decides first, so that whatever happens next the source may have its guest back; then leaves nothing here but
     * disks that are kept for another try. */
    private void refuse(Optional<SideProblem> reason) throws IOException, InterruptedException {
        // From now on a link that was just being given out is closed by whoever gets it, or here.
        reason.ifPresent(signals::fail);
        reason.ifPresent(state::problem);
        state.decide(HandoverState.REFUSED);
        state.enter(SidePhase.REFUSED, reason.map(SideProblem::detail).orElse("asked to"));
        context.links().cancel(migrationId());
        tell(new ControlMessage.Refused(reason.orElseGet(Problems::askedToAbort)));
        stopTransfer();
        DestinationGuest destination = guest;
        if (destination != null) {
            HypervisorRetry.untilDone(migrationId(), "end the hypervisor that waited", destination::destroy);
            closeGuest();
        }
        var ending = new PartialDisks.Ending(migrationId(), reason, takenOver, link != null);
        note(PartialDisks.leave(context.hypervisor(), guestDefinition, ledger, ending));
        takenOver = Map.of();
        LedgerCleanUp.run(migrationId(), ledger);
        SideLink current = link;
        if (current != null) {
            signals.awaitAtMost(Signal.LINK_ENDED, SideLink.LAST_WORDS);
        }
        endTransfer();
        state.enter(SidePhase.ABORTED, "undone");
    }

    private void note(List<String> notes) {
        state.measured(measurements -> measurements.withNotes(notes));
    }

    private void tell(ControlMessage message) {
        SideLink current = link;
        if (current != null) {
            current.tell(message);
        }
    }

    private void endTransfer() {
        SideLink current = link;
        if (current != null) {
            state.measured(measurements -> measurements.withPeerClockOffsetMillis(
                    current.link().statistics().peerClockOffsetMillis()));
        }
        state.freezeProgress();
        stopTransfer();
        GuestWatch watching = watch;
        if (watching != null) {
            watching.close();
        }
        if (current != null) {
            current.close();
        }
    }

    /** What the hypervisor tells while the guest arrives. */
    final class DestinationEvents extends IgnoredEvents {
        @Override
        public void memoryLoaded() {
            signals.raise(Signal.MEMORY_LOADED);
        }

        @Override
        public void memoryFailed(String reason) {
            failBeforeTaken(Problems.memoryFailed(Role.DESTINATION, reason));
        }

        @Override
        public void guestGone(String reason) {
            failBeforeTaken(Problems.destinationDied(reason));
        }
    }
}
