package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.testkit.hypervisor.HypervisorContract;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import org.junit.jupiter.api.Tag;

/** Real QEMUs; a raw disk becomes a qcow2 disk on its way. */
@Tag("qemu")
final class QemuHypervisorContractTest extends HypervisorContract {
    @Override
    protected HypervisorStage openStage() throws Exception {
        return QemuStage.open(DiskFormat.QCOW2);
    }
}
