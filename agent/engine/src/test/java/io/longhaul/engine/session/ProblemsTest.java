package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.session.SideProblem.Code;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets the blame. */
final class ProblemsTest {
    private static final PeerViolationException VIOLATION = new PeerViolationException("a seven", "an eight");

    @Test
    void whatAPeerSentIsThePeersWhoeverMetIt() {
        StorageException ofDisk = new StorageException(StorageException.Code.PROTOCOL, "no frame", VIOLATION);
        // As it is told again to whoever waits for the disk.
        StorageException again = new StorageException(StorageException.Code.PROTOCOL, "no frame", ofDisk);
        assertThat(Problems.sourceDisk("root", again)).satisfies(ProblemsTest::blamesThePeer);
        assertThat(Problems.destinationDisk("root", "", again)).satisfies(ProblemsTest::blamesThePeer);
        for (MigrationSide.Role role : MigrationSide.Role.values()) {
            assertThat(Problems.memoryFailed(role, VIOLATION)).satisfies(ProblemsTest::blamesThePeer);
        }
    }

    @Test
    void whatFailedHereIsThisHosts() {
        StorageException read = new StorageException(StorageException.Code.READ_FAILED, "input/output error");
        StorageException written = new StorageException(StorageException.Code.WRITE_FAILED, "input/output error");
        StorageException full = new StorageException(StorageException.Code.NO_SPACE, "no space left");
        IOException broken = new IOException("broken pipe");
        assertThat(Problems.sourceDisk("root", read).code()).isEqualTo(Code.SOURCE_DISK_FAILED);
        assertThat(Problems.destinationDisk("root", "", written).code()).isEqualTo(Code.DESTINATION_DISK_FAILED);
        assertThat(Problems.destinationDisk("root", "", full).code()).isEqualTo(Code.DESTINATION_DISK_FULL);
        assertThat(Problems.memoryFailed(MigrationSide.Role.SOURCE, broken).code())
                .isEqualTo(Code.HYPERVISOR_FAILED);
        assertThat(Problems.memoryFailed(MigrationSide.Role.DESTINATION, broken).code())
                .isEqualTo(Code.DESTINATION_HYPERVISOR_FAILED);
    }

    @Test
    void aFaultOfTheAgentIsNotADisksFailure() {
        StorageException fault = new StorageException(StorageException.Code.INTERNAL, "an index that cannot be");
        assertThat(Problems.sourceDisk("root", fault).code()).isEqualTo(Code.INTERNAL_ERROR);
        assertThat(Problems.destinationDisk("root", "", fault).code()).isEqualTo(Code.INTERNAL_ERROR);
    }

    @Test
    void howAHypervisorEndedIsToldOnceAndNotAsWhatWasSeenToo() {
        for (SideProblem problem :
                new SideProblem[] {Problems.guestDied("killed"), Problems.destinationDied("killed")}) {
            assertThat(problem.nativeWords()).isEqualTo("killed");
            assertThat(problem.seen()).doesNotContain("killed");
        }
    }

    @Test
    void aFullDiskIsToldOfWithItsPoolItsPathAndWhatIsFreeAndNoNameOfAClass(@TempDir Path pool) {
        StorageException full = new StorageException(
                StorageException.Code.NO_SPACE,
                "writing the destination's disk: no room",
                new DiskFullException("no room", new IOException("No space left on device")));
        SideProblem problem = Problems.destinationDisk("root", DiskRoom.words(pool.resolve("w1.root.1")), full);
        assertThat(problem.seen())
                .containsPattern("^[0-9]+ bytes free")
                .contains(pool.toString())
                .contains("w1.root.1");
        assertThat(problem.nativeWords()).isEqualTo("No space left on device");
    }

    @Test
    void whatHasNoWordsIsTheNameOfTheFailure() {
        IOException closed = new ClosedChannelException();
        assertThat(Problems.memoryFailed(MigrationSide.Role.SOURCE, closed).nativeWords())
                .isEqualTo("ClosedChannelException");
        IOException missing = new NoSuchFileException("/data/journal");
        assertThat(Problems.ledgerFailed(missing).nativeWords()).isEqualTo("NoSuchFileException: /data/journal");
    }

    /** A violation comes again with the same versions; a refusal has a reason of the destination's, and may not. */
    @Test
    void aRefusalIsNoViolation() {
        assertThat(Problems.refusedAfterGrant().code()).isEqualTo(Code.PEER_ABORTED);
    }

    private static void blamesThePeer(SideProblem problem) {
        assertThat(problem.code()).isEqualTo(Code.PEER_REJECTED);
        assertThat(problem.seen()).isEqualTo("a seven");
        assertThat(problem.expected()).isEqualTo("an eight");
    }
}
