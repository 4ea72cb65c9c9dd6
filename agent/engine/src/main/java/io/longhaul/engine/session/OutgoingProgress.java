package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import io.longhaul.engine.memory.MemoryCounters;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.progress.Effort;
import io.longhaul.engine.progress.Forecast;
import io.longhaul.engine.progress.Forecast.Outlook;
import io.longhaul.engine.progress.MillisRange;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.progress.RateWindow;
import io.longhaul.engine.storage.DiskSender;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.LinkOutage;
import io.longhaul.engine.transport.Link.LinkStatistics;
import io.longhaul.engine.transport.Link.Resilience;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the source knows of its progress. The rates are measured by {@link #measure}, which the side's thread calls again
 * and again; all else is thread safe and asks nobody who could take a moment to answer.
 */
final class OutgoingProgress {
    private final GuestDefinition definition;
    private final Link link;
    private final MemorySender memory;
    private final PacedStream memoryStream;
    private final Ticker ticker;
    private final AtomicLong writtenBytes = new AtomicLong();
    private final AtomicLong pastOutageMillis = new AtomicLong();
    private final RateWindow wire = new RateWindow();
    private final RateWindow writes = new RateWindow();
    private volatile List<DiskSender> disks = List.of();
    private volatile List<PacedStream> diskStreams = List.of();
    private volatile boolean memoryStarted;
    private volatile MemoryStatistics statistics;
    private volatile Measured measured = new Measured(0, 0, 0, Double.NaN);
    private volatile Optional<Long> outageSinceNanos = Optional.empty();

    /** @param leastRoundTripMillis the smallest seen: what the distance takes when no queue stands in the way */
    record Measured(long perSecond, long peakPerSecond, long writtenPerSecond, double leastRoundTripMillis) {}

    OutgoingProgress(
            GuestDefinition definition, Link link, MemorySender memory, PacedStream memoryStream, Ticker ticker) {
        this.definition = definition;
        this.link = link;
        this.memory = memory;
        this.memoryStream = memoryStream;
        this.ticker = ticker;
        this.statistics = new MemoryStatistics(definition.memoryBytes(), definition.memoryBytes(), 0, 0);
    }

    void follow(List<DiskSender> senders, List<PacedStream> streams) {
        disks = List.copyOf(senders);
        diskStreams = List.copyOf(streams);
    }

    /** Counts what the guest writes to all its disks. */
    AtomicLong writtenBytes() {
        return writtenBytes;
    }

    void memoryStarted() {
        memoryStarted = true;
    }

    /** As the hypervisor says. */
    void memoryIs(MemoryStatistics now) {
        statistics = now;
    }

    void outage(LinkOutage outage) {
        if (outage.over()) {
            pastOutageMillis.addAndGet(outage.lasted().toMillis());
        }
        outageSinceNanos = outage.over() ? Optional.empty() : Optional.of(ticker.nanos());
    }

    boolean linkIsAway() {
        return outageSinceNanos.isPresent();
    }

    /** On the side's thread only. */
    Measured measure() {
        long now = ticker.nanos();
        long acknowledged = memoryStream.acknowledgedBytes();
        for (PacedStream stream : diskStreams) {
            acknowledged += stream.acknowledgedBytes();
        }
        wire.add(now, acknowledged);
        writes.add(now, writtenBytes.get());
        double roundTrip = link.statistics().roundTripMillis();
        double least = measured.leastRoundTripMillis();
        measured = new Measured(
                wire.perSecond(),
                wire.peakPerSecond(),
                writes.perSecond(),
                Double.isNaN(least) || roundTrip < least ? roundTrip : least);
        return measured;
    }

    Progress snapshot(Duration downtimeLimit) {
        MemoryStatistics memoryNow = statistics;
        Measured rates = measured;
        LinkStatistics now = link.statistics();
        long diskTotal = definition.disks().stream()
                .mapToLong(GuestDefinition.Disk::sizeBytes)
                .sum();
        long diskLeft = disks.isEmpty() ? diskTotal : diskRemainingBytes();
        Optional<Long> away = outageSinceNanos;
        OptionalLong outage = away.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - away.get())));
        Forecast forecast = Forecast.of(new Outlook(
                diskLeft,
                memoryNow.remainingBytes(),
                memoryStarted,
                rates.writtenPerSecond(),
                memoryNow.dirtyBytesPerSecond(),
                rates.perSecond(),
                rates.peakPerSecond(),
                now.roundTripMillis(),
                downtimeLimit.toMillis(),
                outage.orElse(0)));
        return new Progress(
                diskTotal,
                diskDoneBytes(),
                diskLeft,
                definition.memoryBytes(),
                memory.acknowledgedBytes(),
                memoryNow.remainingBytes(),
                memoryNow.rounds(),
                now.bytesSent(),
                now.sentPerSecond(),
                Double.isNaN(now.roundTripMillis()) ? OptionalDouble.empty() : OptionalDouble.of(now.roundTripMillis()),
                middle(forecast.end()),
                middle(forecast.downtime()),
                rates.writtenPerSecond(),
                memoryNow.dirtyBytesPerSecond(),
                outage,
                forecast,
                effort(now, outage.orElse(0)));
    }

    private Effort effort(LinkStatistics wireNow, long presentOutageMillis) {
        MemoryCounters counters = memory.counters();
        Resilience resilience = wireNow.resilience();
        return new Effort(
                counters.pagesSent(),
                counters.pagesReferenced(),
                counters.pagesSuperseded(),
                counters.pagesHeldBack(),
                memoryStarted ? counters.revision().toString() : "",
                counters.revision().correctionsPerSecond(),
                resilience.bytesResent(),
                resilience.reconnects(),
                resilience.outages(),
                pastOutageMillis.get() + presentOutageMillis,
                wireNow.connectionsOpen(),
                diskMatchedBytes());
    }

    private static OptionalLong middle(Optional<MillisRange> range) {
        return range.isPresent() ? OptionalLong.of(range.get().middle()) : OptionalLong.empty();
    }

    long diskDoneBytes() {
        return disks.stream().mapToLong(disk -> disk.counters().doneBytes()).sum();
    }

    /** Found equal at the destination, and so never sent. */
    long diskMatchedBytes() {
        return disks.stream().mapToLong(disk -> disk.counters().matchedBytes()).sum();
    }

    /** What the destination does not have in its newest form. */
    long diskRemainingBytes() {
        return disks.stream().mapToLong(DiskSender::remainingBytes).sum();
    }

    /** What of the remaining has not been handed to the link: the rest is on its way, however long that is. */
    long diskUnsentBytes() {
        List<DiskSender> senders = disks;
        List<PacedStream> streams = diskStreams;
        long unsent = 0;
        for (int index = 0; index < senders.size(); index++) {
            long onTheWay = streams.get(index).unacknowledgedBytes();
            unsent += Math.max(0, senders.get(index).remainingBytes() - onTheWay);
        }
        return unsent;
    }
}
