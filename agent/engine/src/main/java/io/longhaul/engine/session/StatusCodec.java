package io.longhaul.engine.session;

import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.Measurements.DiskDigest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The final status of a side as bytes for its journal, so that it can still be asked for after a restart. Pure. */
final class StatusCodec {
    private static final int VERSION = 2;

    /** Had no matched bytes and no notes; what an agent of that version left is read still. */
    private static final int FIRST_VERSION = 1;

    private StatusCodec() {}

    static byte[] encode(SideStatus status) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(status.phase().name());
            writeProgress(out, status.progress());
            writeProblem(out, status.problem());
            writeMeasurements(out, status.measurements());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static SideStatus decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION && version != FIRST_VERSION) {
                throw new IOException("A journal of version " + version + ", but this agent reads " + VERSION);
            }
            return new SideStatus(
                    SidePhase.valueOf(in.readUTF()), readProgress(in), readProblem(in), readMeasurements(in, version));
        } catch (IllegalArgumentException e) {
            throw new IOException("A journal that no agent of this version wrote: " + e.getMessage(), e);
        }
    }

    private static void writeProgress(DataOutputStream out, Progress progress) throws IOException {
        out.writeLong(progress.diskBytesTotal());
        out.writeLong(progress.diskBytesDone());
        out.writeLong(progress.diskBytesRemaining());
        out.writeLong(progress.memoryBytesTotal());
        out.writeLong(progress.memoryBytesDone());
        out.writeLong(progress.memoryBytesRemaining());
        out.writeInt(progress.memoryRounds());
        out.writeLong(progress.bytesOnWire());
        out.writeDouble(progress.roundTripMillis().orElse(Double.NaN));
    }

    private static Progress readProgress(DataInputStream in) throws IOException {
        return new Progress(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readLong(),
                0,
                readDouble(in),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private static void writeProblem(DataOutputStream out, Optional<SideProblem> problem) throws IOException {
        out.writeBoolean(problem.isPresent());
        if (problem.isPresent()) {
            out.write(ProblemCodec.encode(problem.get()));
        }
    }

    private static Optional<SideProblem> readProblem(DataInputStream in) throws IOException {
        return in.readBoolean() ? Optional.of(ProblemCodec.read(in)) : Optional.empty();
    }

    private static void writeMeasurements(DataOutputStream out, Measurements measurements) throws IOException {
        writeLong(out, measurements.guestPausedAtMillis());
        writeLong(out, measurements.guestRunningAtMillis());
        out.writeDouble(measurements.peerClockOffsetMillis().orElse(Double.NaN));
        out.writeBoolean(measurements.ticks().isPresent());
        if (measurements.ticks().isPresent()) {
            GuestWatch.Ticks ticks = measurements.ticks().get();
            writeLong(out, ticks.firstArrivalMillis());
            writeLong(out, ticks.lastArrivalMillis());
            out.writeLong(ticks.longestGapMillis());
        }
        out.writeByte(
                measurements.guestHealthy().map(healthy -> healthy ? 2 : 1).orElse(0));
        out.writeInt(measurements.diskDigests().size());
        for (DiskDigest digest : measurements.diskDigests()) {
            out.writeUTF(digest.name());
            out.writeLong(digest.sizeBytes());
            out.writeUTF(digest.digest());
        }
        writeLong(out, measurements.diskBytes());
        writeLong(out, measurements.memoryBytes());
        writeLong(out, measurements.diskBytesMatched());
        out.writeInt(measurements.notes().size());
        for (String note : measurements.notes()) {
            out.writeUTF(note);
        }
    }

    private static Measurements readMeasurements(DataInputStream in, int version) throws IOException {
        OptionalLong pausedAt = readLong(in);
        OptionalLong runningAt = readLong(in);
        OptionalDouble offset = readDouble(in);
        Optional<GuestWatch.Ticks> ticks = in.readBoolean()
                ? Optional.of(new GuestWatch.Ticks(readLong(in), readLong(in), in.readLong()))
                : Optional.empty();
        int healthy = in.readUnsignedByte();
        List<DiskDigest> digests = new ArrayList<>();
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            digests.add(new DiskDigest(in.readUTF(), in.readLong(), in.readUTF()));
        }
        Optional<Boolean> guestHealthy = healthy == 0 ? Optional.empty() : Optional.of(healthy == 2);
        OptionalLong diskBytes = readLong(in);
        OptionalLong memoryBytes = readLong(in);
        OptionalLong matched = version == FIRST_VERSION ? OptionalLong.empty() : readLong(in);
        List<String> notes = version == FIRST_VERSION ? List.of() : readNotes(in);
        return new Measurements(
                pausedAt, runningAt, offset, ticks, guestHealthy, digests, diskBytes, memoryBytes, matched, notes);
    }

    private static List<String> readNotes(DataInputStream in) throws IOException {
        List<String> notes = new ArrayList<>();
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            notes.add(in.readUTF());
        }
        return notes;
    }

    private static void writeLong(DataOutputStream out, OptionalLong value) throws IOException {
        out.writeBoolean(value.isPresent());
        out.writeLong(value.orElse(0));
    }

    private static OptionalLong readLong(DataInputStream in) throws IOException {
        boolean present = in.readBoolean();
        long value = in.readLong();
        return present ? OptionalLong.of(value) : OptionalLong.empty();
    }

    private static OptionalDouble readDouble(DataInputStream in) throws IOException {
        double value = in.readDouble();
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
