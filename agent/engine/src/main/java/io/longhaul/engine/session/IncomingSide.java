package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.handover.HandoverState;
import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.ledger.LedgerException;
import io.longhaul.engine.ledger.LedgerUndo;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination's side of a migration. Its flow runs on one thread of its own; the interface's methods are thread safe.
 *
 * <p>Until TAKEN is journalled every failure ends in {@link #refuse}: REFUSED is journalled first, then nothing is left here.
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
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Guards the moment in which TAKEN is decided against a wish to abort that comes at the same time. */
    private final Object takeLock = new Object();

    private @Nullable DestinationGuest guest;
    private volatile @Nullable SideLink link;
    private volatile @Nullable IncomingTransfer transfer;
    private volatile ControlMessage.@Nullable Grant grant;

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
        context.threads()
                .newThread(() -> {
                    try {
                        run();
                    } finally {
                        ended.countDown();
                    }
                })
                .start();
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
    public SideStatus status() {
        return state.status();
    }

    @Override
    public void abort() {
        synchronized (takeLock) {
            if (state.decision() == HandoverState.OPEN) {
                signals.requestAbort();
                stopTransfer();
            }
        }
    }

    /** The destination decides; nobody tells it. */
    @Override
    public void resolve(Decision decision) {}

    /** The agent is being stopped: a side before TAKEN is refused now rather than at the next start. */
    void agentStops() {
        failBeforeTaken(Problems.agentRestarted());
    }

    /** Waits until a side that can be undone is; returns at once for one whose machine is already here. */
    boolean awaitUndone(Duration deadline) throws InterruptedException {
        return state.decision() == HandoverState.TAKEN || ended.await(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void failBeforeTaken(SideProblem problem) {
        synchronized (takeLock) {
            if (state.decision() == HandoverState.OPEN) {
                signals.fail(problem);
                stopTransfer();
            }
        }
    }

    /** Frees a thread that waits for frames to be applied. */
    private void stopTransfer() {
        IncomingTransfer current = transfer;
        if (current != null) {
            current.close();
        }
    }

    private void run() {
        try {
            switch (state.decision()) {
                case OPEN -> receiveOrRefuse();
                case TAKEN -> takeAgain();
                case REFUSED -> refuse(Optional.of(Problems.agentRestarted()));
                case GRANTED -> throw new IllegalStateException("A destination never decides GRANTED");
            }
        } catch (IOException e) {
            log.error(
                    "{}: the journal cannot be written; the side stays in {} until the agent is restarted",
                    migrationId(),
                    state.phase(),
                    e);
        } catch (InterruptedException e) {
            log.info("{}: the agent stops; the side stays in {}", migrationId(), state.phase());
            Thread.currentThread().interrupt();
        }
    }

    private void receiveOrRefuse() throws IOException, InterruptedException {
        try {
            if (order.isEmpty()) {
                throw new SideEndedException(Problems.agentRestarted());
            }
            receive(order.get());
        } catch (SideEndedException e) {
            refuse(e.problem());
            return;
        } catch (HypervisorException e) {
            refuse(Optional.of(Problems.destinationHypervisor(e)));
            return;
        } catch (LedgerException e) {
            refuse(Optional.of(Problems.ledgerFailed(e)));
            return;
        } catch (RuntimeException e) {
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
        DestinationGuest destination =
                context.hypervisor().openDestination(guestDefinition, ledger, new DestinationEvents());
        guest = destination;
        IncomingTransfer newTransfer = new IncomingTransfer(context, guestDefinition, destination, signals);
        transfer = newTransfer;
        newTransfer.open();
        state.progressFrom(newTransfer::progress);
        context.links().expect(migrationId(), epoch(), newOrder.token(), this::onLink);
        signals.check();
        state.enter(SidePhase.PREPARED, "the hypervisor waits for the guest");
        signals.await(Signal.LINKED);
        state.enter(SidePhase.RECEIVING, "the source is connected");
        signals.await(Signal.GRANT);
        applyAll(newTransfer);
        destination.sealDisks(policy.verifyDisks());
    }

    private void applyAll(IncomingTransfer current) throws SideEndedException, InterruptedException {
        ControlMessage.Grant granted = grant;
        if (granted == null || !current.fits(granted)) {
            throw new SideEndedException(
                    Problems.peerSpeaksNonsense(new IOException("a GRANT for another number of disks: " + granted)));
        }
        try {
            current.applyAllOf(granted);
        } catch (StorageException e) {
            signals.check();
            throw new SideEndedException(Problems.destinationDisk("of " + guestDefinition.name(), e), e);
        }
    }

    private void onLink(Link newLink) {
        link = new SideLink(newLink, signals, this::onMessage, this::onLinkEnd);
        IncomingTransfer current = transfer;
        if (current != null) {
            current.receiveFrom(newLink);
        }
        signals.raise(Signal.LINKED);
    }

    /** With GRANT and all that it counts here, the link is no longer needed to take the machine. */
    private void onLinkEnd(Link.LinkEnd end) {
        ControlMessage.Grant granted = grant;
        IncomingTransfer current = transfer;
        boolean complete = granted != null && current != null && current.fits(granted) && current.hasAllOf(granted);
        if (!complete) {
            failBeforeTaken(Problems.linkEnded(end));
        }
    }

    private void onMessage(ControlMessage message) {
        if (message instanceof ControlMessage.Grant granted) {
            grant = granted;
            signals.raise(Signal.GRANT);
        } else if (message instanceof ControlMessage.Abort abort) {
            failBeforeTaken(abort.problem());
        } else {
            failBeforeTaken(Problems.peerSpeaksNonsense(
                    new IOException(message.getClass().getSimpleName() + " from a source")));
        }
    }

    /** The one step that makes the machine this host's. */
    private void take() throws IOException, InterruptedException {
        boolean taken;
        synchronized (takeLock) {
            taken = signals.clean() && state.decide(HandoverState.TAKEN);
        }
        if (!taken) {
            refuse(signals.failure());
            return;
        }
        GuestWatch watch = context.watches().watch(guestDefinition);
        watch.watchTicks();
        runGuest();
        tell(new ControlMessage.Taken());
        settle();
        state.enter(SidePhase.TAKEN, "the guest runs here");
        verify(watch);
        complete();
    }

    /** After a restart of the agent: the machine is this host's, whether or not the guest was already started. */
    private void takeAgain() throws IOException, InterruptedException {
        HypervisorRetry.untilDone(
                migrationId(),
                "find the guest that was taken",
                () -> guest = context.hypervisor().reopenDestination(guestDefinition, ledger, IgnoredEvents.INSTANCE));
        if (guest == null) {
            state.problem(Problems.destinationDied("its process was gone when the agent came back"));
            LedgerUndo.undo(ledger);
            state.enter(SidePhase.COMPLETED, "the guest had ended before the agent came back");
            return;
        }
        runGuest();
        settle();
        state.enter(SidePhase.TAKEN, "taken up again after a restart of the agent");
        complete();
    }

    private void runGuest() throws InterruptedException {
        DestinationGuest destination = guest;
        if (destination != null) {
            if (!HypervisorRetry.untilDone(migrationId(), "run the guest", destination::run)) {
                state.problem(Problems.destinationDied("its process ended as it was to run"));
            }
            long now = context.nowMillis();
            state.measured(measurements -> measurements.withGuestRunningAtMillis(now));
        }
    }

    private void settle() {
        DestinationGuest destination = guest;
        if (destination != null) {
            destination.settle();
        }
    }

    private void verify(GuestWatch watch) throws InterruptedException {
        DestinationGuest destination = guest;
        try (watch) {
            if (policy.verifyDisks() && destination != null) {
                state.measured(measurements -> measurements.withDiskDigests(
                        DiskVerification.digests(guestDefinition, destination::openFrozenDisk)));
                HypervisorRetry.untilDone(migrationId(), "end the frozen state of the disks", destination::thaw);
            }
            Optional<Boolean> healthy = watch.awaitCheck(context.settings().guestCheckDeadline());
            state.measured(
                    measurements -> measurements.withGuestHealthy(healthy).withTicks(watch.ticks()));
        }
    }

    private void complete() throws IOException, InterruptedException {
        DestinationGuest destination = guest;
        if (destination != null) {
            HypervisorRetry.untilDone(migrationId(), "end the frozen state of the disks", destination::thaw);
            destination.close();
        }
        endTransfer();
        LedgerUndo.undo(ledger);
        state.enter(SidePhase.COMPLETED, "verified");
    }

    /** Decides first, so that whatever happens next the source may have its guest back; then leaves nothing here. */
    private void refuse(Optional<SideProblem> reason) throws IOException, InterruptedException {
        reason.ifPresent(state::problem);
        state.decide(HandoverState.REFUSED);
        state.enter(SidePhase.REFUSED, reason.map(SideProblem::detail).orElse("asked to"));
        context.links().cancel(migrationId());
        tell(new ControlMessage.Refused(reason.orElseGet(Problems::askedToAbort)));
        stopTransfer();
        DestinationGuest destination = guest;
        if (destination != null) {
            HypervisorRetry.untilDone(migrationId(), "end the hypervisor that waited", destination::destroy);
            destination.close();
        }
        LedgerUndo.undo(ledger);
        SideLink current = link;
        if (current != null) {
            signals.awaitAtMost(Signal.LINK_ENDED, SideLink.LAST_WORDS);
        }
        endTransfer();
        state.enter(SidePhase.ABORTED, "undone");
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
