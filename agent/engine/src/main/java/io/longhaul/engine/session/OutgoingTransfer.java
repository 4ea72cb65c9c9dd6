package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.hypervisor.SourceGuest.MemorySettings;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.DiskSender;
import io.longhaul.engine.storage.DiskSenderSettings;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The moving parts of the source: movers, mirrors and the memory pump. Used by the side's thread; progress by any. */
final class OutgoingTransfer implements AutoCloseable {
    /** Without a cap the hypervisor measures the bandwidth itself: it is read no faster than the link drains. */
    private static final long UNLIMITED = 0;

    private final SideContext context;
    private final GuestDefinition definition;
    private final TransferPolicy policy;
    private final SourceGuest guest;
    private final Link link;
    private final Signals signals;
    private final List<DiskSender> disks = new CopyOnWriteArrayList<>();
    private final MemorySender memory;
    private final GuestWatch watch;
    private final OutgoingProgress progress;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long memoryFrames;
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
        this.memory = new MemorySender(link.sender(StreamId.MEMORY), bufferedBytes(policy));
        this.watch = context.watches().watch(definition);
        this.progress = new OutgoingProgress(definition, guest, link, memory);
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

    /** Starts mirrors and movers. */
    void startDisks() throws HypervisorException {
        for (int index = 0; index < definition.disks().size(); index++) {
            String disk = definition.disks().get(index).name();
            disks.add(new DiskSender(
                    guest.openDisk(disk),
                    link.sender(StreamId.disk(index)),
                    DiskSenderSettings.oneOf(definition.disks().size()),
                    failure -> onDiskFailure(disk, failure)));
            link.receive(StreamId.diskReturn(index), disks.get(index).returns());
        }
        progress.follow(disks);
        if (disksStopped) {
            stopDisks();
        }
        for (int index = 0; index < disks.size(); index++) {
            guest.startMirror(definition.disks().get(index).name(), disks.get(index));
            context.threads().newThread(disks.get(index)::copy).start();
        }
    }

    /** A link that has ended tells so itself, with its reason. */
    private void onDiskFailure(String disk, StorageException failure) {
        if (failure.code() != StorageException.Code.LINK_ENDED) {
            signals.fail(Problems.sourceDisk(disk, failure));
        }
    }

    /** Waits until no disk has more left than the switchover can carry. */
    void awaitDisksInSync() throws StorageException, InterruptedException {
        for (DiskSender disk : disks) {
            disk.awaitInSync();
        }
    }

    /** Starts pre-copy. SWITCHOVER_READY is raised when the guest has been paused for the last of it. */
    void copyMemory() throws HypervisorException {
        watch.watchTicks();
        // A hypervisor that filled the buffers at full speed would take that for the bandwidth of a capped link.
        long cap = policy.maxBytesPerSecond().orElse(UNLIMITED);
        ReadableByteChannel stream = guest.startMemory(new MemorySettings(cap, cap, policy.downtimeLimit()));
        progress.memoryStarted();
        context.threads().newThread(() -> pump(stream)).start();
    }

    private void pump(ReadableByteChannel stream) {
        try (stream) {
            memoryFrames = memory.pump(stream);
            signals.raise(Signal.MEMORY_PUMPED);
        } catch (IOException e) {
            signals.fail(Problems.memoryFailed(MigrationSide.Role.SOURCE, e.toString()));
        } catch (LinkException e) {
            signals.fail(Problems.linkFailed(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs the action if this transfer is not closed within the deadline of a switchover. */
    void onSwitchoverTooLong(Runnable action) {
        long deadlineMillis = context.settings().switchoverDeadline().toMillis();
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

    /** The guest is paused: sends everything that the destination does not have, in one flight. */
    ControlMessage.Grant sendTheRest()
            throws HypervisorException, StorageException, SideEndedException, InterruptedException {
        guest.completeMirrors();
        List<Long> diskFrames = finishDisks();
        guest.closeDisks();
        guest.continueSwitchover();
        signals.await(Signal.MEMORY_SENT);
        signals.await(Signal.MEMORY_PUMPED);
        return new ControlMessage.Grant(diskFrames, memoryFrames);
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
        return progress.snapshot();
    }

    /** What was measured here, to be added to what is known. */
    UnaryOperator<Measurements> measured() {
        Optional<GuestWatch.Ticks> ticks = watch.ticks();
        double offsetMillis = link.statistics().peerClockOffsetMillis();
        long diskBytes = progress.diskDoneBytes();
        return known ->
                known.withTicks(ticks).withPeerClockOffsetMillis(offsetMillis).withBytes(diskBytes, memory.sentBytes());
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
        memory.stop();
        watch.close();
    }
}
