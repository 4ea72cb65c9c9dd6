package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.memory.MemoryReceiver;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.storage.DiskReceiver;
import io.longhaul.engine.storage.DiskReceiverSettings;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.LinkStatistics;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.LinkSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The moving parts of the destination: appliers of disk frames and the memory pump. Used by the side's thread. */
final class IncomingTransfer implements AutoCloseable {
    /** The link bounds all disks together by its own window; this is only the proof that it does. */
    private static final long DISK_WINDOW_BYTES =
            LinkSettings.Windows.defaults().diskBytes();

    /** From a broken connection of a hypervisor that died to the word of its end. */
    private static final Duration CAUSE_TO_COME = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(IncomingTransfer.class);

    private final SideContext context;
    private final GuestDefinition definition;
    private final DestinationGuest guest;
    private final Signals signals;
    private final List<DiskReceiver> disks = new CopyOnWriteArrayList<>();
    private final MemoryReceiver memory;
    private volatile @Nullable Link link;

    IncomingTransfer(SideContext context, GuestDefinition definition, DestinationGuest guest, Signals signals) {
        this.context = context;
        this.definition = definition;
        this.guest = guest;
        this.signals = signals;
        this.memory = new MemoryReceiver(this::readBack, context.threads(), context.ticker());
    }

    /**
     * Before the source is told that it may connect: everything that can fail without it.
     *
     * @return names of the disks that read as zeros
     */
    Set<String> open() throws HypervisorException {
        Set<String> blank = new HashSet<>();
        for (GuestDefinition.Disk disk : definition.disks()) {
            DiskReceiver receiver = new DiskReceiver(
                    guest.openDisk(disk.name()),
                    DiskReceiverSettings.withWindow(DISK_WINDOW_BYTES),
                    context.ticker()::nanos,
                    failure -> onDiskFailure(disk, failure));
            disks.add(receiver);
            if (receiver.foundBlank()) {
                blank.add(disk.name());
            }
            receiver.start(context.threads());
        }
        WritableByteChannel stream = guest.acceptMemory();
        context.threads().newThread(() -> pump(stream)).start();
        return Set.copyOf(blank);
    }

    private void onDiskFailure(GuestDefinition.Disk disk, StorageException failure) {
        boolean full = failure.code() == StorageException.Code.NO_SPACE;
        // Storage that failed in another way might not answer this question either.
        String room = full ? DiskRoom.words(disk.file()) : "";
        SideProblem problem = Problems.destinationDisk(disk.name(), room, failure);
        boolean certain = full || failure.code() == StorageException.Code.PROTOCOL;
        if (certain) {
            signals.fail(problem);
        } else {
            signals.failUnlessExplained(problem, CAUSE_TO_COME);
        }
    }

    void receiveFrom(Link newLink) {
        link = newLink;
        for (int index = 0; index < disks.size(); index++) {
            newLink.receive(StreamId.disk(index), disks.get(index));
            disks.get(index).tellContent(newLink.sender(StreamId.diskReturn(index)), context.threads());
        }
        memory.answerOn(newLink.sender(StreamId.MEMORY_RETURN));
        newLink.receive(StreamId.MEMORY, memory);
    }

    private void readBack(int disk, long offset, ByteBuffer into) throws IOException {
        if (disk >= disks.size() || !disks.get(disk).readBack(offset, into)) {
            throw new IOException("disk " + disk + " is not settled at " + offset);
        }
    }

    private void pump(WritableByteChannel stream) {
        try (stream) {
            pumpOrTell(stream);
        } catch (IOException e) {
            log.debug("{}: the memory's channel was not closed well: {}", definition.name(), e.toString());
        }
    }

    /** Before the channel is closed: what the hypervisor says of a stream that ended early is only a consequence. */
    private void pumpOrTell(WritableByteChannel stream) {
        try {
            memory.pump(stream);
        } catch (IOException e) {
            signals.fail(Problems.memoryFailed(MigrationSide.Role.DESTINATION, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Whoever waits for this thread must hear that it is gone.
            log.error("{}: fault in the memory's thread", definition.name(), e);
            signals.fail(Problems.internal(e));
        }
    }

    /** Whether everything that GRANT counts has arrived, so that the link is no longer needed. */
    boolean hasAllOf(ControlMessage.Grant grant) {
        for (int index = 0; index < disks.size(); index++) {
            if (disks.get(index).appliedFrames() < grant.diskFrames().get(index)) {
                return false;
            }
        }
        return memory.receivedFrames() >= grant.memoryFrames();
    }

    /** Makes safe what the disks have now, so that the last flush has little to do. Any thread; does not block. */
    void flushAhead() {
        context.threads()
                .newThread(() -> disks.forEach(IncomingTransfer::flushQuietly))
                .start();
    }

    private static void flushQuietly(DiskReceiver disk) {
        try {
            disk.flush();
        } catch (StorageException e) {
            // It has told of its failure itself, and the last flush will meet it again.
            log.debug("A flush ahead of the last one failed: {}", e.getMessage());
        }
    }

    /** Waits until so many frames of each disk are in it and safe from a power cut; nothing may be written after that. */
    void applyDisks(List<Long> frames) throws SideEndedException, StorageException, InterruptedException {
        for (int index = 0; index < disks.size(); index++) {
            disks.get(index).awaitApplied(frames.get(index));
            signals.check();
        }
        log.debug("{}: disks are applied", definition.name());
        for (DiskReceiver disk : disks) {
            disk.flush();
            // Its own flush could be due just now, and would find the disk sealed.
            disk.stop();
        }
        log.debug("{}: disks are flushed", definition.name());
    }

    /** Waits until the hypervisor has loaded all of the guest. */
    void awaitMemory() throws SideEndedException, InterruptedException {
        log.debug("{}: GRANT is here", definition.name());
        Duration deadline = context.settings().loadDeadline();
        signals.await(Signal.MEMORY_LOADED, deadline, Problems.loadTooLong(deadline));
        log.debug("{}: memory is loaded", definition.name());
    }

    /** Whether the GRANT is about this machine. */
    boolean fits(ControlMessage.Grant grant) {
        return grant.diskFrames().size() == definition.disks().size();
    }

    Progress progress() {
        Link current = link;
        LinkStatistics wire =
                current == null ? new LinkStatistics(0, 0, 0, Double.NaN, Double.NaN) : current.statistics();
        long applied = disks.stream().mapToLong(DiskReceiver::appliedBytes).sum();
        return new Progress(
                definition.disks().stream()
                        .mapToLong(GuestDefinition.Disk::sizeBytes)
                        .sum(),
                applied,
                0,
                definition.memoryBytes(),
                0,
                0,
                0,
                wire.bytesReceived(),
                0,
                Double.isNaN(wire.roundTripMillis())
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(wire.roundTripMillis()),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    @Override
    public void close() {
        disks.forEach(DiskReceiver::stop);
        memory.stop();
    }
}
