package io.longhaul.hypervisor.qemu;

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
}
