package io.longhaul.engine.session;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What one side measured. Times are this host's wall clock in epoch milliseconds. Immutable.
 *
 * @param diskBytesMatched at the source: found equal at the destination and not sent
 * @param notes at the destination: what the disks began with and what is left of them, a sentence each
 */
public record Measurements(
        OptionalLong guestPausedAtMillis,
        OptionalLong guestRunningAtMillis,
        OptionalDouble peerClockOffsetMillis,
        Optional<GuestWatch.Ticks> ticks,
        Optional<Boolean> guestHealthy,
        List<DiskDigest> diskDigests,
        OptionalLong diskBytes,
        OptionalLong memoryBytes,
        OptionalLong diskBytesMatched,
        List<String> notes) {
    /** A note may hold what a tool said, and a journal must be able to hold all notes. */
    private static final int NOTE_LIMIT = 1_000;

    private static final int NOTES_LIMIT = 64;

    public static final Measurements NONE = new Measurements(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            List.of());

    public Measurements {
        diskDigests = List.copyOf(diskDigests);
        notes = List.copyOf(notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
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
                memoryBytes,
                diskBytesMatched,
                notes);
    }

    /** @param matched bytes of disks found equal at the destination */
    Measurements withBytes(long disk, long matched, long memory) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                diskDigests,
                OptionalLong.of(disk),
                OptionalLong.of(memory),
                OptionalLong.of(matched),
                notes);
    }

    /** Adds to what was noted before. */
    Measurements withNotes(List<String> more) {
        return new Measurements(
                guestPausedAtMillis,
                guestRunningAtMillis,
                peerClockOffsetMillis,
                ticks,
                guestHealthy,
                diskDigests,
                diskBytes,
                memoryBytes,
                diskBytesMatched,
                Stream.concat(notes.stream(), more.stream().map(Measurements::shortened))
                        .limit(NOTES_LIMIT)
                        .toList());
    }

    private static String shortened(String note) {
        return note.length() <= NOTE_LIMIT ? note : note.substring(0, NOTE_LIMIT) + "…";
    }

    /** @param digest hexadecimal SHA-256 over the SHA-256 of each MiB, as storage's digest defines it */
    public record DiskDigest(String name, long sizeBytes, String digest) {}
}
