package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.testkit.hypervisor.HypervisorStage.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("qemu")
final class QemuHostTest {
    private final UUID guest = UUID.randomUUID();
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it first
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private QemuHost host;

    @BeforeEach
    void openHost() {
        host = newHost();
    }

    @AfterEach
    void endGuest() throws HypervisorException {
        host.forceOff(guest);
        host.close();
    }

    private QemuSettings settings() {
        return QemuSettings.defaults(folder.resolve("run"));
    }

    private QemuHost newHost() {
        return new QemuHost(
                settings(), Accelerator.TCG, QemuStage::thread, (id, reason) -> ended.complete(id + " " + reason));
    }

    private GuestDefinition definition(String machineType, List<Disk> disks) {
        return new GuestDefinition(
                guest,
                "host-test",
                1,
                64L << 20,
                machineType,
                "qemu64",
                new Boot(Optional.empty(), Optional.empty(), Optional.empty(), ""),
                disks,
                List.of(),
                Optional.empty());
    }

    private Disk disk(DiskFormat format) {
        return new Disk("root", folder.resolve("root.image"), format, 3 * 512);
    }

    @Test
    void imagesHaveTheExactSizeAndAreNeverReplaced() throws Exception {
        for (DiskFormat format : DiskFormat.values()) {
            Disk disk = new Disk("root", folder.resolve("a,b " + format), format, (1 << 20) + 512);
            host.createDisk(disk);
            assertThat(host.diskSizeBytes(disk.file(), format)).isEqualTo(disk.sizeBytes());
            assertThatThrownBy(() -> host.createDisk(disk)).hasMessageContaining("there already");
        }
    }

    @Test
    void anImageOfAnotherFormatIsRefused() throws Exception {
        host.createDisk(disk(DiskFormat.RAW));
        assertThatThrownBy(() -> host.diskSizeBytes(disk(DiskFormat.RAW).file(), DiskFormat.QCOW2))
                .isInstanceOfSatisfying(
                        HypervisorException.class, e -> assertThat(e.code()).isEqualTo(Code.DISK_FAILED));
    }

    @Test
    void anImageThatNamesAnotherFileIsRefused() throws Exception {
        host.createDisk(disk(DiskFormat.RAW));
        Path image = folder.resolve("child.qcow2");
        List<String> command = List.of(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "raw",
                "-b",
                disk(DiskFormat.RAW).file().toString(),
                image.toString());
        assertThat(Tool.run(command, new ToolFolder(settings()), Duration.ofSeconds(30))
                        .succeeded())
                .isTrue();
        assertThatThrownBy(() -> host.diskSizeBytes(image, DiskFormat.QCOW2)).hasMessageContaining("root.image");
    }

    @Test
    void aFailedStartHasQemusWordsAndLeavesNothingRunning() throws Exception {
        assertThatThrownBy(() -> host.start(definition("pc-q35-999.0", List.of())))
                .isInstanceOfSatisfying(
                        HypervisorException.class, e -> assertThat(e.code()).isEqualTo(Code.START_FAILED))
                .hasMessageContaining("unsupported machine type");
        assertThat(host.state(guest)).isEqualTo(GuestState.STOPPED);
    }

    @Test
    void aDiskOfAnotherSizeIsRefusedBeforeTheStart() throws Exception {
        host.createDisk(disk(DiskFormat.RAW));
        Disk larger = new Disk("root", disk(DiskFormat.RAW).file(), DiskFormat.RAW, 1 << 20);
        assertThatThrownBy(() -> host.start(definition("pc-q35-10.0", List.of(larger))))
                .hasMessageContaining("1536");
    }

    @Test
    void aGuestOutlivesItsAgentAndIsFoundAgain() throws Exception {
        host.start(definition("pc-q35-10.0", List.of()));
        host.close();
        host = newHost();
        assertThat(host.find(guest)).isTrue();
        assertThat(host.state(guest)).isEqualTo(GuestState.RUNNING);
        assertThatThrownBy(() -> host.start(definition("pc-q35-10.0", List.of())))
                .hasMessageContaining("has a QEMU already");
    }

    @Test
    void aKilledGuestIsTold() throws Exception {
        host.start(definition("pc-q35-10.0", List.of()));
        Path pidFile = settings().socketFolder().resolve(guest + ".pid");
        new QemuProcess(pidFile).handle().orElseThrow().destroyForcibly();
        assertThat(ended.orTimeout(10, TimeUnit.SECONDS).join()).startsWith(guest.toString());
        new QemuProcess(pidFile).awaitEnd(Duration.ofSeconds(10));
        assertThat(host.state(guest)).isEqualTo(GuestState.STOPPED);
        assertThat(host.find(guest)).isFalse();
    }

    /** A QMP socket serves one client at a time, so only one of them may connect. */
    @Test
    void manyMayAskAtOnceHowAGuestIs() throws HypervisorException, InterruptedException, ExecutionException {
        host.start(definition("pc-q35-10.0", List.of()));
        host.close();
        host = newHost();
        int askers = 8;
        CyclicBarrier together = new CyclicBarrier(askers);
        ExecutorService threads = Executors.newFixedThreadPool(askers);
        try {
            Callable<GuestState> question = () -> {
                together.await();
                return host.state(guest);
            };
            for (Future<GuestState> answer : threads.invokeAll(Collections.nCopies(askers, question))) {
                assertThat(answer.get()).isEqualTo(GuestState.RUNNING);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aGuestThatDoesNotListenIsNotShutDownAndCanBeForced() throws Exception {
        host.start(definition("pc-q35-10.0", List.of()));
        assertThatThrownBy(() -> host.shutDown(guest, Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        HypervisorException.class, e -> assertThat(e.code()).isEqualTo(Code.TIMED_OUT));
        assertThat(host.state(guest)).isEqualTo(GuestState.RUNNING);
        host.forceOff(guest);
        host.forceOff(guest);
        assertThat(host.state(guest)).isEqualTo(GuestState.STOPPED);
        try (var left = Files.list(settings().socketFolder())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aGuestThatListensSwitchesItselfOff() throws Exception {
        QemuStage stage = QemuStage.open(DiskFormat.RAW);
        try {
            UUID working = stage.definition(Side.SOURCE).id();
            stage.host(Side.SOURCE).shutDown(working, Duration.ofSeconds(30));
            assertThat(stage.host(Side.SOURCE).state(working)).isEqualTo(GuestState.STOPPED);
        } finally {
            stage.close();
        }
    }

    @Test
    void theInventorySaysWhatReallyWorks() throws Exception {
        QemuInventory inventory = QemuInventory.read(settings(), QemuStage::thread);
        assertThat(inventory.cpuModels()).contains("qemu64");
        assertThat(inventory.machineTypes()).contains("pc-q35-10.0").allMatch(type -> type.contains("-"));
        assertThat(inventory.machineType("q35"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("pc-q35-"));
        assertThat(inventory.machineType("pc-q35-10.0")).contains("pc-q35-10.0");
        assertThat(inventory.machineType("none such")).isEmpty();
        try (var left = Files.walk(settings().socketFolder())) {
            assertThat(left).allMatch(Files::isDirectory);
        }
    }
}
