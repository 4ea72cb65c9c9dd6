package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.FileLedger;
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
                List.of(new GuestDefinition.Disk("root", DISK, GuestDefinition.DiskFormat.RAW, 1 << 20)),
                List.of(),
                Optional.empty());
    }
}
