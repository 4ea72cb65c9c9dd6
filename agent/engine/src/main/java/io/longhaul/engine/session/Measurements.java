package io.longhaul.engine.session;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What one side measured. Times are this host's wall clock in epoch milliseconds. Immutable. */
public record Measurements(
        OptionalLong guestPausedAtMillis,
        OptionalLong guestRunningAtMillis,
        OptionalDouble peerClockOffsetMillis,
        Optional<GuestWatch.Ticks> ticks,
        Optional<Boolean> guestHealthy,
        List<DiskDigest> diskDigests,
        OptionalLong diskBytes,
        OptionalLong memoryBytes) {

    public static final Measurements NONE = new Measurements(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            OptionalLong.empty(),
            OptionalLong.empty());

    public Measurements {
        diskDigests = List.copyOf(diskDigests);
    }

    Measurements withGuestPausedAtMillis(long millis) {
        return new Measurements(
                OptionalLong.of(millis),
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                diskDigests,
                diskBytes,
                memoryBytes);
    }

    Measurements withGuestRunningAtMillis(long millis) {
        return new Measurements(
                guestPausedAtMillis,
                OptionalLong.of(millis),
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                diskDigests,
                diskBytes,
                memoryBytes);
    }

    Measurements withPeerClockOffsetMillis(double millis) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                Double.isNaN(millis) ? OptionalDouble.empty() : OptionalDouble.of(millis),
                ticks,
                guestHealthy,
                diskDigests,
                diskBytes,
                memoryBytes);
    }

    Measurements withTicks(Optional<GuestWatch.Ticks> noted) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                noted,
                guestHealthy,
                diskDigests,
                diskBytes,
                memoryBytes);
    }

    Measurements withGuestHealthy(Optional<Boolean> healthy) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                healthy,
                diskDigests,
                diskBytes,
                memoryBytes);
    }

    Measurements withDiskDigests(List<DiskDigest> digests) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                digests,
                diskBytes,
                memoryBytes);
    }

    Measurements withBytes(long disk, long memory) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                diskDigests,
                OptionalLong.of(disk),
                OptionalLong.of(memory));
    }

    /** @param digest hexadecimal SHA-256 over the SHA-256 of each MiB, as storage's digest defines it */
    public record DiskDigest(String name, long sizeBytes, String digest) {}
}
