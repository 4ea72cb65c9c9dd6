package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.testkit.hypervisor.RecordedLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs no QEMU. */
final class KeptDisksTest {
    @TempDir
    Path folder;

    private final RecordedLedger ledger = new RecordedLedger();

    @Test
    void aDiskThatCannotBeKeptHoldsUpNoOther() throws IOException, HypervisorException {
        Disk first = disk("first");
        Disk second = disk("second");
        GuestDefinition guest = SmallGuest.with(first, second);
        Files.createDirectories(KeptDisks.keptFile(guest.id(), first).resolve("in the way"));

        List<String> told = hypervisor().keepPartialDisks(guest, Set.of("first", "second"), ledger);

        assertThat(told).hasSize(1).first().asString().contains("disk second is kept");
        assertThat(KeptDisks.keptFile(guest.id(), second)).exists();
        assertThat(first.file()).exists();
        assertThat(ledger.outstanding()).containsExactly(new FileArtefact(first.file()));
    }

    @Test
    void aDiskThatCannotBeGivenBackHoldsUpNoOther() throws IOException, HypervisorException {
        Disk first = disk("first");
        Disk second = disk("second");
        Path taken = Files.createFile(folder.resolve("taken"));
        Path free = folder.resolve("free");

        hypervisor().giveBackDisks(SmallGuest.with(first, second), Map.of("first", taken, "second", free), ledger);

        assertThat(free).exists();
        assertThat(second.file()).doesNotExist();
        assertThat(first.file()).exists();
        assertThat(ledger.outstanding()).containsExactly(new FileArtefact(first.file()));
    }

    private QemuHypervisor hypervisor() {
        return new QemuHypervisor(QemuSettings.defaults(folder.resolve("run")), Accelerator.TCG, Thread::new);
    }

    private Disk disk(String name) throws IOException {
        Path file = Files.createFile(folder.resolve(name));
        ledger.record(new FileArtefact(file));
        return new Disk(name, file, DiskFormat.RAW, 512);
    }
}
