package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.hypervisor.SourceGuest.MemorySettings;
import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import io.longhaul.engine.memory.ContentIndex;
import io.longhaul.engine.memory.MemoryPorts;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.memory.MemorySenderSettings;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.DiskSender;
import io.longhaul.engine.storage.DiskSenderSettings;
import io.longhaul.engine.storage.SentBlocks;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.LinkOutage;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The moving parts of the source: movers, mirrors and the memory pump. Used by the side's thread; progress by any. */
final class OutgoingTransfer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OutgoingTransfer.class);

    /** Without a cap the hypervisor measures the bandwidth itself: it is read no faster than the link drains. */
    private static final long UNLIMITED = 0;

    /** How often the transfer is looked at and steered: each look costs the hypervisor a millisecond. */
    private static final Duration STEP = Duration.ofMillis(50);

    /** A rate that changed by less than one part of so many is not worth a command. */
    private static final int TOLD_AGAIN_SHARE = 8;

    /** From the end of the hypervisor's stream to its word that all was written, on a busy host. */
    private static final Duration WORD_OF_END = Duration.ofSeconds(10);

    /** From the first sign of a hypervisor that died to the word of its end. */
    private static final Duration CAUSE_TO_COME = Duration.ofSeconds(1);

    private final SideContext context;
    private final GuestDefinition definition;
    private final SourceGuest guest;
    private final Link link;
    private final Signals signals;
    private final List<DiskSender> disks = new CopyOnWriteArrayList<>();
    private final ContentIndex content = new ContentIndex();
    private final PacedStream memoryStream;
    private final MemorySender memory;
    private final GuestWatch watch;
    private final OutgoingProgress progress;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long memoryFrames;
    private volatile TransferPolicy policy;
    private volatile boolean linkAway;
    private @Nullable HeldChannel heldMemory;
    private volatile DowntimeSteps downtime;
    private volatile HoldBack holdBack = HoldBack.FIRST;
    private @Nullable MemorySettings told;
    /** An end that comes before the disks are there must stop them all the same: they wait for the destination's word. */
    private volatile boolean disksStopped;

    OutgoingTransfer(
            SideContext context,
            GuestDefinition definition,
            TransferPolicy policy,
            SourceGuest guest,
            Link link,
            Signals signals) {
        this.context = context;
        this.definition = definition;
        this.policy = policy;
        this.guest = guest;
        this.link = link;
        this.signals = signals;
        this.memoryStream = new PacedStream(link.sender(StreamId.MEMORY));
        this.memory = new MemorySender(
                memoryStream,
                MemorySenderSettings.withBuffer(bufferedBytes(policy)),
                MemoryPorts.plain(context.ticker())
                        .withBudget(this::memoryBudgetBytes)
                        .withDeferral(() -> holdBack.defers())
                        .withLastRound(() -> signals.has(Signal.SWITCHOVER_READY))
                        .withKnownContent(content));
        link.receive(StreamId.MEMORY_RETURN, memory);
        this.watch = context.watches().watch(definition);
        this.progress = new OutgoingProgress(definition, link, memory, memoryStream, context.ticker());
        this.downtime = DowntimeSteps.first(policy.downtimeLimit());
    }

    /** What waits in buffers at the pause is downtime: under a cap no more than a fraction of the limit may. */
    private static long bufferedBytes(TransferPolicy policy) {
        if (policy.maxBytesPerSecond().isEmpty()) {
            return Long.MAX_VALUE;
        }
        double limitSeconds = policy.downtimeLimit().toMillis() / 1e3;
        long bytes = (long) (policy.maxBytesPerSecond().getAsLong() * limitSeconds / 4);
        return Math.max(MemorySender.CHUNK_BYTES, bytes);
    }

    private long memoryBudgetBytes() {
        return holdBack.budgetBytes(downtime.limit(), memory.drainBytesPerSecond());
    }

    /**
     * Starts mirrors and movers.
     *
     * @param blank names of the disks that the destination need not tell of
     */
    void startDisks(Set<String> blank) throws HypervisorException {
        List<PacedStream> streams = new ArrayList<>();
        for (int index = 0; index < definition.disks().size(); index++) {
            String disk = definition.disks().get(index).name();
            PacedStream stream = new PacedStream(link.sender(StreamId.disk(index)));
            streams.add(stream);
            disks.add(new DiskSender(
                    guest.openDisk(disk),
                    stream,
                    DiskSenderSettings.oneOf(definition.disks().size(), blank.contains(disk)),
                    learnerOf(index),
                    failure -> onDiskFailure(disk, failure)));
            link.receive(StreamId.diskReturn(index), disks.get(index).returns());
        }
        progress.follow(disks, streams);
        if (disksStopped) {
            stopDisks();
        }
        for (int index = 0; index < disks.size(); index++) {
            CountedSink sink = new CountedSink(disks.get(index), progress.writtenBytes());
            guest.startMirror(definition.disks().get(index).name(), sink);
            context.threads().newThread(disks.get(index)::copy).start();
        }
        guest.prepareMemory();
    }

    /**
     * What the mover sends is on the far side's disk by the time that memory begins, but for the last round trip; a
     * reference that comes too early is refused there and costs a page, as it would have without.
     */
    private SentBlocks learnerOf(int disk) {
        return (offset, blocks) -> content.learn(disk, offset, blocks);
    }

    /** A link that has ended tells so itself, with its reason. Reading fails on the mover's own thread, which may wait. */
    private void onDiskFailure(String disk, StorageException failure) {
        switch (failure.code()) {
            case LINK_ENDED -> log.debug("{}: disk {}: {}", definition.name(), disk, failure.getMessage());
            case READ_FAILED -> signals.failUnlessExplained(Problems.sourceDisk(disk, failure), CAUSE_TO_COME);
            default -> signals.fail(Problems.sourceDisk(disk, failure));
        }
    }

    /**
     * Waits until it is time to begin with memory: the disks are in sync, or so near to it that the link would idle, and those
     * that were taken for blank have proved to be.
     */
    void awaitMemoryDue() throws SideEndedException, InterruptedException {
        while (!memoryIsDue()) {
            signals.pause(STEP);
        }
    }

    private boolean memoryIsDue() {
        OutgoingProgress.Measured measured = progress.measure();
        return !linkAway
                && disks.stream().allMatch(DiskSender::isConfirmed)
                && Pacing.memoryIsDue(
                        progress.diskRemainingBytes(),
                        progress.diskUnsentBytes(),
                        definition.memoryBytes(),
                        measured.perSecond(),
                        measured.leastRoundTripMillis());
    }

    /** Starts pre-copy. SWITCHOVER_READY is raised when the guest has been paused for the last of it. */
    void copyMemory() throws HypervisorException {
        watch.watchTicks();
        MemorySettings settings = memorySettings(progress.measure());
        told = settings;
        HeldChannel stream = new HeldChannel(guest.startMemory(settings));
        heldMemory = stream;
        progress.memoryStarted();
        context.threads().newThread(() -> pump(stream)).start();
    }

    /** Steers pre-copy until the guest has been paused. */
    void awaitPause() throws SideEndedException, InterruptedException {
        while (!signals.awaitAtMost(Signal.SWITCHOVER_READY, STEP)) {
            signals.check();
            try {
                long roundBytes = memory.roundBytes();
                steer(guest.memoryStatistics(), roundBytes);
            } catch (HypervisorException e) {
                // One that is gone says so itself; one that is busy is asked again.
                log.debug("{}: the hypervisor does not say how memory stands: {}", definition.name(), e.getMessage());
            }
        }
        signals.check();
        memoryStream.limit(Long.MAX_VALUE);
    }

    private void steer(MemoryStatistics memoryNow, long roundBytes) throws HypervisorException {
        progress.memoryIs(memoryNow);
        OutgoingProgress.Measured measured = progress.measure();
        boolean disksInSync = Pacing.disksAreInSync(progress.diskUnsentBytes());
        HeldChannel stream = heldMemory;
        if (stream != null) {
            stream.hold(linkAway
                    || Pacing.memoryMustWait(memoryNow.remainingBytes(), definition.memoryBytes(), disksInSync));
        }
        long rate = linkRate(measured);
        boolean near = Pacing.isNearTheEnd(memoryNow.remainingBytes(), memoryNow.rounds(), rate);
        memoryStream.limit(Pacing.onTheWay(rate, measured.leastRoundTripMillis(), near));
        downtime = downtime.next(memoryNow, policy.downtimeLimit());
        long heldBytes = memory.heldBackBytes();
        holdBack = holdBack.next(memoryNow, roundBytes, downtime.limit(), rate, heldBytes);
        log.debug(
                "{}: {}, {} in this round, {} held, {}; {} bytes of disks unsent; {} of {} bytes/s, near the end: {}, {}",
                definition.name(),
                memoryNow,
                roundBytes,
                heldBytes,
                holdBack,
                progress.diskUnsentBytes(),
                measured.perSecond(),
                rate,
                near,
                downtime.limit());
        tell(memorySettings(measured));
    }

    private void tell(MemorySettings settings) throws HypervisorException {
        MemorySettings last = told;
        if (last == null
                || !last.downtimeLimit().equals(settings.downtimeLimit())
                || last.maxBytesPerSecond() != settings.maxBytesPerSecond()
                || Math.abs(last.switchoverBytesPerSecond() - settings.switchoverBytesPerSecond())
                        > last.switchoverBytesPerSecond() / TOLD_AGAIN_SHARE) {
            guest.tuneMemory(settings);
            told = settings;
        }
    }

    /**
     * The hypervisor sees how fast it can write into our buffers, not what the link carries; and one that filled them at
     * full speed would take that for the bandwidth of a capped link.
     */
    private MemorySettings memorySettings(OutgoingProgress.Measured measured) {
        long cap = policy.maxBytesPerSecond().orElse(UNLIMITED);
        long rate = linkRate(measured);
        Duration limit = HoldBack.forHypervisor(downtime.limit(), memory.heldBackBytes(), rate);
        return new MemorySettings(cap, rate == 0 ? cap : rate, limit);
    }

    private long linkRate(OutgoingProgress.Measured measured) {
        return Math.min(measured.peakPerSecond(), policy.maxBytesPerSecond().orElse(Long.MAX_VALUE));
    }

    /** From now on; any thread. */
    void changePolicy(TransferPolicy changed) {
        policy = changed;
        memory.policyChanged(bufferedBytes(changed));
    }

    /** While the link is away the guest must not be paused. Any thread; does not block. */
    void onOutage(LinkOutage outage) {
        progress.outage(outage);
        linkAway = !outage.over();
    }

    private void pump(ReadableByteChannel stream) {
        try (stream) {
            pumpOrTell(stream);
        } catch (IOException e) {
            log.debug("{}: the memory's channel was not closed well: {}", definition.name(), e.toString());
        }
    }

    /** Before the channel is closed: what the hypervisor says of a stream that ended early is only a consequence. */
    private void pumpOrTell(ReadableByteChannel stream) {
        try {
            memoryFrames = memory.pump(new WholeStream(stream, signals, WORD_OF_END));
            log.debug("{}: {}, {}", definition.name(), memory.counters(), link.statistics());
            signals.raise(Signal.MEMORY_PUMPED);
        } catch (IOException e) {
            onMemoryFailure(Problems.memoryFailed(MigrationSide.Role.SOURCE, e));
        } catch (LinkException e) {
            signals.fail(Problems.linkFailed(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Whoever waits for this thread must hear that it is gone.
            log.error("{}: fault in the memory's thread", definition.name(), e);
            signals.fail(Problems.internal(e));
        }
    }

    /** A stream that breaks is mostly the first sign of a hypervisor that has died. */
    private void onMemoryFailure(SideProblem problem) {
        if (problem.code() == SideProblem.Code.PEER_REJECTED) {
            signals.fail(problem);
        } else {
            signals.failUnlessExplained(problem, CAUSE_TO_COME);
        }
    }

    /** Runs the action if this transfer is not closed within the deadline of its switchover. */
    void onSwitchoverTooLong(Duration deadline, Runnable action) {
        long deadlineMillis = deadline.toMillis();
        context.threads()
                .newThread(() -> {
                    try {
                        if (!closed.await(deadlineMillis, TimeUnit.MILLISECONDS)) {
                            action.run();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
    }

    /** The guest is paused: hands all that the disks still have to the link. No answer is waited for. */
    ControlMessage.Seal sendTheDisks()
            throws HypervisorException, StorageException, SideEndedException, InterruptedException {
        log.debug("{}: paused, {} bytes of disks left", definition.name(), progress.diskRemainingBytes());
        guest.completeMirrors();
        log.debug("{}: mirrors complete", definition.name());
        List<Long> diskFrames = finishDisks();
        log.debug("{}: disks handed to the link", definition.name());
        return new ControlMessage.Seal(diskFrames);
    }

    /** After the disks: lets the hypervisor write the rest of its stream. */
    void continueMemory() throws HypervisorException {
        guest.closeDisks();
        guest.continueSwitchover();
        log.debug("{}: the hypervisor hands over", definition.name());
    }

    /** Waits until the link has the rest of the stream. */
    ControlMessage.Grant sendTheMemory(ControlMessage.Seal seal) throws SideEndedException, InterruptedException {
        signals.await(Signal.MEMORY_SENT);
        log.debug("{}: the hypervisor has written its state", definition.name());
        signals.await(Signal.MEMORY_PUMPED);
        log.debug("{}: memory handed to the link", definition.name());
        return new ControlMessage.Grant(seal.diskFrames(), memoryFrames);
    }

    /** A GRANT that cannot leave now had better not be decided: until then the guest can have its host back at once. */
    void awaitLink() throws SideEndedException, InterruptedException {
        while (linkAway) {
            signals.pause(STEP);
        }
    }

    private List<Long> finishDisks() throws StorageException, SideEndedException, InterruptedException {
        List<Long> frames = new ArrayList<>();
        for (DiskSender disk : disks) {
            frames.add(disk.finish());
            signals.check();
        }
        return frames;
    }

    Progress progress() {
        return progress.snapshot(policy.downtimeLimit());
    }

    /** What was measured here, to be added to what is known. */
    UnaryOperator<Measurements> measured() {
        Optional<GuestWatch.Ticks> ticks = watch.ticks();
        double offsetMillis = link.statistics().peerClockOffsetMillis();
        long diskBytes = progress.diskDoneBytes();
        long matchedBytes = progress.diskMatchedBytes();
        return known -> known.withTicks(ticks)
                .withPeerClockOffsetMillis(offsetMillis)
                .withBytes(diskBytes, matchedBytes, memory.sentBytes());
    }

    /** Frees whoever waits for a disk. Idempotent; any thread. */
    void stopDisks() {
        disksStopped = true;
        disks.forEach(DiskSender::stop);
    }

    @Override
    public void close() {
        closed.countDown();
        stopDisks();
        memoryStream.stop();
        memory.stop();
        watch.close();
    }
}
