package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a journal may hold for an order (first byte even) or a final status: what encodes to itself, or a refusal to read
 * it. A journal's lines carry checksums, so that what is refused here was written by another version, not torn.
 */
public final class JournalFuzz {
    private JournalFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] line = Arrays.copyOfRange(input, 1, input.length);
        try {
            if ((input[0] & 1) == 0) {
                OrderCodec.Kept kept = OrderCodec.decode(line);
                byte[] encoded = OrderCodec.encode(kept.guest(), kept.policy());
                same(kept, OrderCodec.decode(encoded));
            } else {
                SideStatus status = StatusCodec.decode(line);
                same(status, StatusCodec.decode(StatusCodec.encode(status)));
            }
        } catch (IOException allowed) {
            // Names, paths and numbers that are none.
        }
    }

    private static void same(Object read, Object again) {
        if (!read.equals(again)) {
            throw new AssertionError(read + " encodes to " + again);
        }
    }

    public static List<byte[]> seeds() {
        GuestDefinition guest = new GuestDefinition(
                new UUID(1, 2),
                "guest",
                2,
                512 << 20,
                "q35",
                "qemu64",
                new GuestDefinition.Boot(
                        Optional.empty(),
                        Optional.of(Path.of("/boot/vmlinuz")),
                        Optional.of(Path.of("/boot/initrd")),
                        "quiet"),
                List.of(new GuestDefinition.Disk(
                        "root", Path.of("/pool/root.qcow2"), GuestDefinition.DiskFormat.QCOW2, 1 << 30)),
                List.of(new GuestDefinition.NetworkInterface("52:54:00:00:00:01", Optional.of("br0"))),
                Optional.of(Path.of("/log")));
        TransferPolicy policy = new TransferPolicy(Duration.ofMillis(300), OptionalLong.of(25_000_000), true);
        Progress progress = new Progress(
                9, 8, 7, 6, 5, 4, 3, 2, 0, OptionalDouble.of(100), OptionalLong.empty(), OptionalLong.empty());
        Measurements measurements = new Measurements(
                OptionalLong.of(1),
                OptionalLong.empty(),
                OptionalDouble.of(0.5),
                Optional.of(new GuestWatch.Ticks(OptionalLong.of(1), OptionalLong.of(2), 3)),
                Optional.of(true),
                List.of(new Measurements.DiskDigest("root", 4, "aa")),
                OptionalLong.of(5),
                OptionalLong.of(6),
                OptionalLong.of(7),
                List.of("a note"));
        SideProblem problem = new SideProblem(SideProblem.Code.PEER_ABORTED, "why", "seen", "expected", "words");
        return List.of(
                input(0, OrderCodec.encode(guest, policy)),
                input(
                        1,
                        StatusCodec.encode(
                                new SideStatus(SidePhase.ABORTED, progress, Optional.of(problem), measurements))));
    }

    private static byte[] input(int mode, byte[] line) {
        byte[] input = new byte[line.length + 1];
        input[0] = (byte) mode;
        System.arraycopy(line, 0, input, 1, line.length);
        return input;
    }
}
