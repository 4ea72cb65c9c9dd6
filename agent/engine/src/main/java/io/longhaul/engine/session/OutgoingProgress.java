package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.progress.Forecast;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.storage.DiskSender;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.LinkStatistics;
import java.util.List;
import java.util.OptionalDouble;

/** Computes the progress of the source from its parts' counters, when asked. Thread safe. */
final class OutgoingProgress {
    private final GuestDefinition definition;
    private final SourceGuest guest;
    private final Link link;
    private final MemorySender memory;
    private volatile List<DiskSender> disks = List.of();
    private volatile boolean memoryStarted;
    private volatile MemoryStatistics lastStatistics;

    OutgoingProgress(GuestDefinition definition, SourceGuest guest, Link link, MemorySender memory) {
        this.definition = definition;
        this.guest = guest;
        this.link = link;
        this.memory = memory;
        this.lastStatistics = new MemoryStatistics(definition.memoryBytes(), definition.memoryBytes(), 0, 0);
    }

    void follow(List<DiskSender> senders) {
        disks = List.copyOf(senders);
    }

    void memoryStarted() {
        memoryStarted = true;
    }

    Progress snapshot() {
        MemoryStatistics statistics = memoryStatistics();
        LinkStatistics wire = link.statistics();
        long diskTotal = definition.disks().stream()
                .mapToLong(GuestDefinition.Disk::sizeBytes)
                .sum();
        List<DiskSender> followed = disks;
        long diskRemaining = followed.isEmpty()
                ? diskTotal
                : followed.stream().mapToLong(DiskSender::remainingBytes).sum();
        Forecast forecast = Forecast.of(
                diskRemaining,
                statistics.remainingBytes(),
                statistics.dirtyBytesPerSecond(),
                wire.sentPerSecond(),
                wire.roundTripMillis());
        return new Progress(
                diskTotal,
                diskDoneBytes(),
                diskRemaining,
                definition.memoryBytes(),
                memory.acknowledgedBytes(),
                statistics.remainingBytes(),
                statistics.rounds(),
                wire.bytesSent(),
                wire.sentPerSecond(),
                Double.isNaN(wire.roundTripMillis())
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(wire.roundTripMillis()),
                forecast.endMillis(),
                forecast.downtimeMillis());
    }

    /** Asks no hypervisor, unlike the whole snapshot. */
    long diskDoneBytes() {
        return disks.stream().mapToLong(disk -> disk.counters().doneBytes()).sum();
    }

    /** The hypervisor does not answer while it hands over; then the last answer stands. */
    private MemoryStatistics memoryStatistics() {
        if (memoryStarted) {
            try {
                lastStatistics = guest.memoryStatistics();
            } catch (HypervisorException e) {
                return lastStatistics;
            }
        }
        return lastStatistics;
    }
}
