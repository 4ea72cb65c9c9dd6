package io.longhaul.controlplane.completion;

import io.longhaul.api.agent.model.DiskDigest;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.model.DiskReceipt;
import io.longhaul.api.model.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the receipt of a move. Pure. */
public final class Receipts {

    private Receipts() {}

    public static Receipt receipt(Outcome outcome) {
        SideMeasurements source = outcome.source();
        SideMeasurements destination = outcome.destination();
        List<DiskReceipt> disks = disks(source, destination);
        return new Receipt(
                        outcome.migrationId(),
                        outcome.state(),
                        outcome.sourceHost(),
                        outcome.destinationHost(),
                        outcome.duration().toMillis())
                .downtimeMillis(difference(
                        atDestination(source.getGuestPausedAtMillis(), source, destination),
                        destination.getGuestRunningAtMillis()))
                .guestDowntimeMillis(guestDowntime(source, destination))
                .bytesOnWire(source.getBytesOnWire())
                .diskBytes(firstKnown(source.getDiskBytes(), destination.getDiskBytes()))
                .diskBytesMatched(source.getDiskBytesMatched())
                .memoryBytes(firstKnown(source.getMemoryBytes(), destination.getMemoryBytes()))
                .disksIdentical(identical(disks, outcome.diskNames()))
                .guestHealthy(destination.getGuestHealthy())
                .disks(disks)
                .notes(destination.getNotes());
    }

    /** Only copies that were compared and found equal may ever be deleted. */
    public static boolean disksProvenIdentical(Receipt receipt) {
        return Boolean.TRUE.equals(receipt.getDisksIdentical());
    }

    /**
     * The longest time without a tick: on either side, or across from the source's last to the destination's first.
     * Without the last it would leave out the switchover itself, so then nothing is said.
     */
    private static @Nullable Long guestDowntime(SideMeasurements source, SideMeasurements destination) {
        Long across = difference(
                atDestination(source.getLastTickAtMillis(), source, destination), destination.getFirstTickAtMillis());
        if (across == null) {
            return null;
        }
        return Stream.of(across, source.getLongestTickGapMillis(), destination.getLongestTickGapMillis())
                .filter(Objects::nonNull)
                .max(Long::compare)
                .orElse(null);
    }

    /**
     * A moment of the source told by the destination's clock. Each side measures (peer's clock − its own): the source's
     * figure is added, the destination's taken away.
     */
    private static @Nullable Double atDestination(
            @Nullable Long sourceMillis, SideMeasurements source, SideMeasurements destination) {
        if (sourceMillis == null) {
            return null;
        }
        if (source.getPeerClockOffsetMillis() != null) {
            return sourceMillis + source.getPeerClockOffsetMillis();
        }
        if (destination.getPeerClockOffsetMillis() != null) {
            return sourceMillis - destination.getPeerClockOffsetMillis();
        }
        return null;
    }

    /** Never below nothing: clocks are known to a fraction of the round trip only. */
    private static @Nullable Long difference(@Nullable Double start, @Nullable Long end) {
        return start == null || end == null ? null : Math.max(0, Math.round(end - start));
    }

    private static @Nullable Long firstKnown(@Nullable Long first, @Nullable Long second) {
        return first != null ? first : second;
    }

    private static List<DiskReceipt> disks(SideMeasurements source, SideMeasurements destination) {
        Map<String, DiskDigest> sources = byName(source);
        Map<String, DiskDigest> destinations = byName(destination);
        Set<String> names = new TreeSet<>(sources.keySet());
        names.addAll(destinations.keySet());
        List<DiskReceipt> receipts = new ArrayList<>();
        for (String name : names) {
            receipts.add(disk(name, sources.get(name), destinations.get(name)));
        }
        return receipts;
    }

    private static DiskReceipt disk(String name, @Nullable DiskDigest source, @Nullable DiskDigest destination) {
        DiskDigest known = Objects.requireNonNull(source != null ? source : destination);
        DiskReceipt receipt = new DiskReceipt(name, known.getSizeBytes());
        if (source != null) {
            receipt.sourceDigest(source.getDigest());
        }
        if (destination != null) {
            receipt.destinationDigest(destination.getDigest());
        }
        if (source != null && destination != null) {
            receipt.identical(source.getDigest().equals(destination.getDigest())
                    && source.getSizeBytes().equals(destination.getSizeBytes()));
        }
        return receipt;
    }

    /** Unknown as soon as one disk is, unless another is known to differ. */
    private static @Nullable Boolean identical(List<DiskReceipt> disks, Set<String> diskNames) {
        if (disks.stream().anyMatch(disk -> Boolean.FALSE.equals(disk.getIdentical()))) {
            return false;
        }
        Set<String> verified = disks.stream()
                .filter(disk -> disk.getIdentical() != null)
                .map(DiskReceipt::getName)
                .collect(Collectors.toSet());
        return !diskNames.isEmpty() && verified.containsAll(diskNames) ? true : null;
    }

    private static Map<String, DiskDigest> byName(SideMeasurements side) {
        return side.getDiskDigests().stream()
                .collect(Collectors.toMap(
                        DiskDigest::getName, digest -> digest, (first, second) -> second, TreeMap::new));
    }
}
