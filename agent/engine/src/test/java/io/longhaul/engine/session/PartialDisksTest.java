package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.engine.session.PartialDisks.Ending;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of disks that cannot be kept: removed is only what this migration is known to have made. */
class PartialDisksTest {
    private static final Path DISK = Path.of("/pool/root.raw");
    private static final Path OTHER_DISK = Path.of("/pool/logs.raw");

    @TempDir
    Path folder;

    private FileLedger ledger;

    @BeforeEach
    void record() {
        ledger = new FileLedger(folder.resolve("m-1.ledger"));
        ledger.record(new FileArtefact(DISK));
    }

    @Test
    void afterARestartTheyStayWhereTheyAre() {
        assertThat(leave(Problems.agentRestarted()))
                .hasSize(1)
                .first()
                .asString()
                .contains(DISK.toString());
        assertThat(ledger.outstanding()).isEmpty();
    }

    @Test
    void afterALostLinkTheyAreLeftToBeRemoved() {
        SideProblem lost = new SideProblem(SideProblem.Code.LINK_LOST, "", "", "", "");
        assertThat(leave(lost)).isEmpty();
        assertThat(ledger.outstanding()).containsExactly(new FileArtefact(DISK));
    }

    /** Of two files that were there before, one could be kept: both is told, and none is left to be removed. */
    @Test
    void whatBecameOfEachDiskIsToldAlsoWhereOneCannotBeKept() {
        ledger.record(new FileArtefact(OTHER_DISK));
        Ending ending = new Ending(
                "m-1",
                Optional.empty(),
                Map.of("root", Path.of("/pool/old-root.raw"), "logs", Path.of("/pool/old-logs.raw")),
                true);
        assertThat(PartialDisks.leave(keepingOnly(DISK), guest(), ledger, ending))
                .hasSize(2)
                .anyMatch(note -> note.equals(DISK + " is kept."))
                .anyMatch(note -> note.contains("/pool/old-logs.raw") && note.contains("could not be renamed"));
        assertThat(ledger.outstanding()).isEmpty();
    }

    private static Hypervisor keepingOnly(Path disk) {
        return (Hypervisor) Proxy.newProxyInstance(
                PartialDisksTest.class.getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, values) -> {
                    ((Ledger) values[2]).release(new FileArtefact(disk));
                    return List.of(disk + " is kept.");
                });
    }

    private List<String> leave(SideProblem reason) {
        return PartialDisks.leave(incapable(), guest(), ledger, new Ending("m-1", Optional.of(reason), Map.of(), true));
    }

    /** Fails at whatever it is asked to do. */
    private static Hypervisor incapable() {
        return (Hypervisor) Proxy.newProxyInstance(
                PartialDisksTest.class.getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, values) -> {
                    throw new HypervisorException(HypervisorException.Code.TIMED_OUT, method.getName());
                });
    }

    private static GuestDefinition guest() {
        return new GuestDefinition(
                new UUID(1, 2),
                "guest",
                1,
                512 << 20,
                "q35",
                "qemu64",
                new GuestDefinition.Boot(Optional.empty(), Optional.empty(), Optional.empty(), ""),
                List.of(
                        new GuestDefinition.Disk("root", DISK, GuestDefinition.DiskFormat.RAW, 1 << 20),
                        new GuestDefinition.Disk("logs", OTHER_DISK, GuestDefinition.DiskFormat.RAW, 1 << 20)),
                List.of(),
                Optional.empty());
    }
}
