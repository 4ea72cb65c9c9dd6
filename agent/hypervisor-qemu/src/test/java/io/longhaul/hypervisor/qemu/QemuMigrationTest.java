package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import io.longhaul.testkit.migration.MigrationContract;
import org.junit.jupiter.api.Tag;

/** Real QEMUs, a real guest, two engines. */
@Tag("qemu")
class QemuMigrationTest extends MigrationContract {
    @Override
    protected HypervisorStage openStage() throws Exception {
        return QemuStage.open(DiskFormat.QCOW2);
    }

    @Override
    protected long leastMatchedBytes() {
        return 3 << 20;
    }

    @Override
    protected HypervisorStage openQuietStage() throws Exception {
        return QemuStage.open(DiskFormat.QCOW2, 2);
    }

    @Override
    protected void assertNothingIsLeftAtTheDestination(HypervisorStage stage) throws Exception {
        GuestDefinition guest = stage.definition(HypervisorStage.Side.DESTINATION);
        for (GuestDefinition.Disk disk : guest.disks()) {
            assertThat(stage.exists(disk.file())).as(disk.toString()).isFalse();
        }
        assertThat(stage.runs(HypervisorStage.Side.DESTINATION)).isFalse();
    }
}
