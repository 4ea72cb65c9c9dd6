package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import io.longhaul.testkit.migration.SeedingContract;
import org.junit.jupiter.api.Tag;

/** Real QEMUs, a real guest, two engines, and a disk of which most is at the destination already. */
@Tag("qemu")
class QemuSeedingTest extends SeedingContract {
    private static final int FILL_BYTES = 60 << 20;

    /** It writes little, so that what differs is what was made to differ. */
    private static final int WRITES_A_SECOND = 2;

    @Override
    protected HypervisorStage openStage() throws Exception {
        return QemuStage.open(DiskFormat.QCOW2, WRITES_A_SECOND, FILL_BYTES);
    }

    @Override
    protected long leastMatchedBytes() {
        return FILL_BYTES - (4 << 20);
    }

    @Override
    protected long mostBytesOnWire() {
        return 16 << 20;
    }
}
