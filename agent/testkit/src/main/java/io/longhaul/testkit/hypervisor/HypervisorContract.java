package io.longhaul.testkit.hypervisor;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.hypervisor.SourceGuest.MemorySettings;
import io.longhaul.engine.ledger.Ledger.Artefact;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import io.longhaul.testkit.hypervisor.RecordedEvents.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every hypervisor must do; a driver's test extends this and sets the stage. */
public abstract class HypervisorContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final MemorySettings SETTINGS = new MemorySettings(0, 0, Duration.ofMillis(500));

    private final RecordedLedger sourceLedger = new RecordedLedger();
    private final RecordedLedger destinationLedger = new RecordedLedger();
    private final RecordedEvents sourceEvents = new RecordedEvents();
    private final RecordedEvents destinationEvents = new RecordedEvents();

    @SuppressWarnings("NullAway.Init") // JUnit calls the method below first
    private HypervisorStage stage;

    /** Starts the guest at the source and returns when it works. */
    protected abstract HypervisorStage openStage() throws Exception;

    @BeforeEach
    void setStage() throws Exception {
        stage = openStage();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.close();
    }

    @Test
    void sizesAreExact() throws Exception {
        try (SourceGuest source = openSource();
                DestinationGuest destination = openDestination()) {
            for (Disk disk : stage.definition(SOURCE).disks()) {
                assertThat(source.openDisk(disk.name()).sizeBytes()).isEqualTo(disk.sizeBytes());
                assertThat(destination.openDisk(disk.name()).sizeBytes()).isEqualTo(disk.sizeBytes());
            }
            source.takeBack();
            destination.destroy();
        }
    }

    @Test
    void extentsCoverTheDiskWithoutGaps() throws Exception {
        try (SourceGuest source = openSource()) {
            DiskReader reader = source.openDisk(disk().name());
            long end = 0;
            for (DiskReader.Extent extent : reader.extents(0, disk().sizeBytes())) {
                assertThat(extent.offset()).isEqualTo(end);
                assertThat(extent.lengthBytes()).isPositive();
                end += extent.lengthBytes();
            }
            assertThat(end).isEqualTo(disk().sizeBytes());
            source.takeBack();
        }
    }

    @Test
    void readsWhatTheGuestWrote() throws Exception {
        try (SourceGuest source = openSource();
                MemoryPump pump = pauseForSwitchover(source)) {
            DiskReplica read = new DiskReplica(disk().sizeBytes());
            read.copyFrom(source.openDisk(disk().name()));
            source.closeDisks();
            source.destroy();
            pump.awaitEnd();
            try (DiskReader stopped = source.openStoppedDisk(disk().name())) {
                assertThat(read.firstDifference(stopped)).isEqualTo(-1);
            }
        }
    }

    @Test
    void everyGuestWriteReachesTheMirror() throws Exception {
        try (SourceGuest source = openSource()) {
            DiskReplica replica = mirror(source);
            stage.awaitProgress(SOURCE);
            try (MemoryPump pump = pauseForSwitchover(source)) {
                source.completeMirrors();
                replica.settle(source.openDisk(disk().name()));
                source.closeDisks();
                source.destroy();
                pump.awaitEnd();
                assertThat(replica.mirroredWrites()).isPositive();
                try (DiskReader stopped = source.openStoppedDisk(disk().name())) {
                    assertThat(replica.firstDifference(stopped)).isEqualTo(-1);
                }
                assertThat(sourceEvents.count(Kind.MIRROR_FAILED)).isZero();
            }
            assertThat(sourceLedger.outstanding()).isEmpty();
        }
    }

    @Test
    void switchoverIsReportedOnce() throws Exception {
        try (SourceGuest source = openSource();
                MemoryPump pump = pauseForSwitchover(source)) {
            assertThat(stage.runs(SOURCE)).isFalse();
            source.closeDisks();
            source.continueSwitchover();
            sourceEvents.await(Kind.MEMORY_SENT, DEADLINE);
            pump.awaitEnd();
            assertThat(sourceEvents.count(Kind.SWITCHOVER_READY)).isEqualTo(1);
            assertThat(sourceEvents.count(Kind.MEMORY_SENT)).isEqualTo(1);
            assertThat(sourceEvents.count(Kind.MEMORY_FAILED)).isZero();
            source.takeBack();
        }
    }

    @Test
    void takeBackBeforeSwitchoverLeavesTheGuestRunning() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            try (MemoryPump pump = pauseForSwitchover(source)) {
                source.takeBack();
                requireBack();
                pump.awaitEnd();
            }
            assertThat(sourceEvents.count(Kind.MEMORY_FAILED)).isZero();
            assertThat(sourceEvents.count(Kind.MIRROR_FAILED)).isZero();
        }
    }

    @Test
    void takeBackWhileMemoryWaitsForItsReaderLeavesTheGuestRunning() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            assertThat(source.startMemory(SETTINGS).read(ByteBuffer.allocate(1)))
                    .isEqualTo(1);
            source.takeBack();
            requireBack();
            assertThat(sourceEvents.count(Kind.MEMORY_FAILED)).isZero();
        }
    }

    @Test
    void takeBackAfterMemorySentRunsTheGuestAgain() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            try (MemoryPump pump = pauseForSwitchover(source)) {
                source.closeDisks();
                source.continueSwitchover();
                sourceEvents.await(Kind.MEMORY_SENT, DEADLINE);
                pump.awaitEnd();
                assertThat(stage.runs(SOURCE)).isFalse();
                source.takeBack();
                requireBack();
            }
        }
    }

    @Test
    void takeBackTwiceIsTheSame() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            source.takeBack();
            source.takeBack();
            requireBack();
        }
    }

    @Test
    void afterTakeBackTheGuestCanBeMovedAgain() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            source.startMemory(SETTINGS);
            source.takeBack();
            requireBack();
            mirror(source);
            try (MemoryPump pump = pauseForSwitchover(source)) {
                source.takeBack();
                requireBack();
                pump.awaitEnd();
            }
        }
    }

    @Test
    void takeBackByAProcessThatStartedNothingRunsTheGuestAgain() throws Exception {
        SourceGuest lost = openSource();
        mirror(lost);
        MemoryPump pump = pauseForSwitchover(lost);
        lost.close();
        pump.close();
        try (SourceGuest source = openSource()) {
            source.takeBack();
            requireBack();
        }
    }

    @Test
    void aMirrorWhoseTakerIsGoneNeverStopsTheGuest() throws Exception {
        SourceGuest lost = openSource();
        mirror(lost);
        lost.close();
        stage.awaitProgress(SOURCE);
        assertThat(stage.runs(SOURCE)).isTrue();
        try (SourceGuest source = openSource()) {
            source.takeBack();
            requireBack();
        }
    }

    @Test
    void memoryMovesAndTheGuestRunsAtTheDestination() throws Exception {
        try (SourceGuest source = openSource();
                DestinationGuest destination = openDestination()) {
            move(source, destination);
            destination.sealDisks(false);
            destination.run();
            destination.run();
            settle();
            settle();
            source.destroy();
            stage.awaitProgress(DESTINATION);
            stage.requireHealthy(DESTINATION);
            destination.thaw();
            assertThat(destinationEvents.count(Kind.MEMORY_LOADED)).isEqualTo(1);
            assertThat(destinationLedger.outstanding()).isEmpty();
            assertThat(sourceLedger.outstanding()).isEmpty();
        }
    }

    private void settle() throws Exception {
        stage.hypervisor(DESTINATION).settle(stage.definition(DESTINATION), destinationLedger);
    }

    @Test
    void aGuestThatWasTakenIsRunByAnAgentThatComesBack() throws Exception {
        try (SourceGuest source = openSource()) {
            try (DestinationGuest lost = openDestination()) {
                move(source, lost);
                lost.sealDisks(true);
            }
            Hypervisor host = stage.hypervisor(DESTINATION);
            try (DestinationGuest found =
                    host.reopenDestination(stage.definition(DESTINATION), destinationLedger, destinationEvents)) {
                found.run();
                settle();
                found.thaw();
            }
            source.destroy();
            stage.awaitProgress(DESTINATION);
            stage.requireHealthy(DESTINATION);
            assertThat(destinationLedger.outstanding()).isEmpty();
        }
    }

    @Test
    void frozenDiskKeepsTheStateWhileTheGuestWrites() throws Exception {
        try (SourceGuest source = openSource();
                DestinationGuest destination = openDestination()) {
            Map<Disk, DiskReplica> replicas = move(source, destination);
            destination.sealDisks(true);
            destination.run();
            settle();
            source.destroy();
            stage.awaitProgress(DESTINATION);
            stage.awaitProgress(DESTINATION);
            for (Map.Entry<Disk, DiskReplica> copied : replicas.entrySet()) {
                String name = copied.getKey().name();
                try (DiskReader frozen = destination.openFrozenDisk(name);
                        DiskReader stopped = source.openStoppedDisk(name)) {
                    assertThat(copied.getValue().firstDifference(frozen)).isEqualTo(-1);
                    assertThat(copied.getValue().firstDifference(stopped)).isEqualTo(-1);
                }
            }
            destination.thaw();
            destination.thaw();
            stage.awaitProgress(DESTINATION);
            stage.requireHealthy(DESTINATION);
            assertThat(destinationLedger.outstanding()).isEmpty();
        }
    }

    @Test
    void memoryThatBreaksOffFailsAtTheDestination() throws Exception {
        try (DestinationGuest destination = openDestination()) {
            try (var memory = destination.acceptMemory()) {
                memory.write(ByteBuffer.wrap(new byte[] {'n', 'o', 't', ' ', 'm', 'e', 'm', 'o', 'r', 'y'}));
            }
            assertThat(destinationEvents.await(Kind.MEMORY_FAILED, DEADLINE).detail())
                    .isNotEmpty();
            destination.destroy();
        }
    }

    @Test
    void destroyLeavesNothingButFilesInTheLedger() throws Exception {
        DestinationGuest destination = openDestination();
        List<ProcessArtefact> processes = processes();
        assertThat(processes).isNotEmpty().allMatch(stage::isAlive);
        destination.destroy();
        destination.destroy();
        destination.close();
        assertThat(processes).noneMatch(stage::isAlive);
        assertThat(destinationLedger.outstanding())
                .contains(new Artefact.FileArtefact(
                        stage.definition(DESTINATION).disks().get(0).file()));
        assertThat(destinationEvents.all()).isEmpty();
    }

    @Test
    void aFileThatIsThereAlreadyIsNeverTouched() throws Exception {
        var file = stage.definition(DESTINATION).disks().get(0).file();
        stage.putForeignFile(file);
        assertThatThrownBy(this::openDestination)
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.code()).isEqualTo(HypervisorException.Code.START_FAILED))
                .hasMessageContaining(file.toString());
        assertThat(stage.exists(file)).isTrue();
        assertThat(destinationLedger.ever()).doesNotContain(new Artefact.FileArtefact(file));
    }

    @Test
    void deathIsReported() throws Exception {
        try (SourceGuest source = openSource()) {
            mirror(source);
            stage.kill(SOURCE);
            assertThat(sourceEvents.await(Kind.GUEST_GONE, DEADLINE).detail()).isNotEmpty();
            assertThatThrownBy(source::takeBack)
                    .isInstanceOfSatisfying(
                            HypervisorException.class,
                            e -> assertThat(e.code()).isEqualTo(HypervisorException.Code.GUEST_GONE));
            source.destroy();
        }
        assertThatThrownBy(this::openSource).isInstanceOf(HypervisorException.class);
    }

    private SourceGuest openSource() throws HypervisorException {
        return stage.hypervisor(SOURCE).openSource(stage.definition(SOURCE), sourceLedger, sourceEvents);
    }

    private DestinationGuest openDestination() throws HypervisorException {
        return stage.hypervisor(DESTINATION)
                .openDestination(stage.definition(DESTINATION), DiskSeeds.NONE, destinationLedger, destinationEvents);
    }

    private Disk disk() {
        return stage.definition(SOURCE).disks().get(0);
    }

    private List<ProcessArtefact> processes() {
        return destinationLedger.outstanding().stream()
                .filter(ProcessArtefact.class::isInstance)
                .map(ProcessArtefact.class::cast)
                .toList();
    }

    private DiskReplica mirror(SourceGuest source) throws Exception {
        return mirror(source, disk());
    }

    private static DiskReplica mirror(SourceGuest source, Disk disk) throws Exception {
        DiskReplica replica = new DiskReplica(disk.sizeBytes());
        source.startMirror(disk.name(), replica);
        replica.copyFrom(source.openDisk(disk.name()));
        return replica;
    }

    private MemoryPump pauseForSwitchover(SourceGuest source) throws HypervisorException {
        MemoryPump pump = MemoryPump.intoNothing(source.startMemory(SETTINGS));
        sourceEvents.await(Kind.SWITCHOVER_READY, DEADLINE);
        return pump;
    }

    /** Everything up to the moment at which the destination may run the guest. */
    private Map<Disk, DiskReplica> move(SourceGuest source, DestinationGuest destination) throws Exception {
        Map<Disk, DiskReplica> replicas = new LinkedHashMap<>();
        for (Disk disk : stage.definition(SOURCE).disks()) {
            replicas.put(disk, mirror(source, disk));
        }
        try (MemoryPump pump = MemoryPump.between(source.startMemory(SETTINGS), destination.acceptMemory())) {
            sourceEvents.await(Kind.SWITCHOVER_READY, DEADLINE);
            source.completeMirrors();
            for (Map.Entry<Disk, DiskReplica> copied : replicas.entrySet()) {
                copied.getValue().settle(source.openDisk(copied.getKey().name()));
            }
            source.closeDisks();
            for (Map.Entry<Disk, DiskReplica> copied : replicas.entrySet()) {
                copied.getValue().writeTo(destination.openDisk(copied.getKey().name()));
            }
            source.continueSwitchover();
            sourceEvents.await(Kind.MEMORY_SENT, DEADLINE);
            pump.awaitEnd();
            destinationEvents.await(Kind.MEMORY_LOADED, DEADLINE);
            assertThat(stage.runs(DESTINATION)).isFalse();
            return replicas;
        }
    }

    private void requireBack() throws Exception {
        assertThat(stage.runs(SOURCE)).isTrue();
        stage.awaitProgress(SOURCE);
        stage.requireHealthy(SOURCE);
        assertThat(sourceLedger.outstanding()).isEmpty();
    }
}
