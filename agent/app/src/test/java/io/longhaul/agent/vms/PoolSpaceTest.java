package io.longhaul.agent.vms;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.fakes.FakeGuestHost;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.model.DiskFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolSpaceTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path pool;

    @Test
    void theDisksOfAPoolMustFitTogether() {
        List<StoredDisk> disks = List.of(disk("one", DiskFormat.RAW), disk("two", DiskFormat.RAW));
        Map<String, Long> needed = Map.of("one", 2L * MIB, "two", 2L * MIB);
        assertThatCode(() -> space(4 * MIB).require(disks, needed)).doesNotThrowAnyException();
        assertThatThrownBy(() -> space(4 * MIB - 1).require(disks, needed))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("not enough free space");
    }

    /** A move there and back, into a pool that holds the machine once but not twice. */
    @Test
    void aFileThatIsOnlyRenamedNeedsNoRoomOnceMore() throws IOException {
        Path left = Files.write(pool.resolve("left.raw"), new byte[4 * MIB]);
        List<StoredDisk> disks = List.of(disk("root", DiskFormat.RAW));
        assertThatCode(() -> space(MIB).require(disks, Map.of("root", 4L * MIB), Map.of("root", left)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> space(MIB).require(disks, Map.of("root", 4L * MIB), Map.of()))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void whatTheFileDoesNotHoldYetNeedsRoom() throws IOException {
        Path left = Files.write(pool.resolve("left.raw"), new byte[MIB]);
        try (FileChannel sparse = FileChannel.open(left, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.allocate(1), 4L * MIB - 1);
        }
        List<StoredDisk> disks = List.of(disk("root", DiskFormat.RAW));
        assertThatThrownBy(() -> space(2 * MIB).require(disks, Map.of("root", 4L * MIB), Map.of("root", left)))
                .isInstanceOf(ProblemException.class);
    }

    /** It will not be taken over, and the disk begin with nothing. */
    @Test
    void aFileOfAnotherSizeCountsForNothing() throws IOException {
        Path left = Files.write(pool.resolve("left.raw"), new byte[3 * MIB]);
        Path noImage = Files.write(pool.resolve("left.qcow2"), new byte[4 * MIB]);
        assertThatThrownBy(() -> space(MIB)
                        .require(List.of(disk("root", DiskFormat.RAW)), Map.of("root", 3L * MIB), Map.of("root", left)))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> space(MIB)
                        .require(
                                List.of(disk("root", DiskFormat.QCOW2)),
                                Map.of("root", 4L * MIB),
                                Map.of("root", noImage)))
                .isInstanceOf(ProblemException.class);
    }

    private static PoolSpace space(long freeBytes) {
        return new PoolSpace(new FakeGuestHost(), folder -> freeBytes);
    }

    private StoredDisk disk(String name, DiskFormat format) {
        return new StoredDisk(name, pool.resolve(name).toString(), format, 4L * MIB, true);
    }
}
