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

    /** @param digest hexadecimal SHA-256 over the SHA-256 of each MiB, as storage's digest defines it */
    public record DiskDigest(String name, long sizeBytes, String digest) {}
}
