package io.longhaul.testkit.migration;

import io.longhaul.testkit.hypervisor.FakeStage;
import io.longhaul.testkit.hypervisor.HypervisorStage;

/** Simulated machines, real engines, real sockets. */
class FakeMigrationTest extends MigrationContract {
    @Override
    protected HypervisorStage openStage() {
        return new FakeStage();
    }

    @Override
    protected long leastMatchedBytes() {
        return 12 << 20;
    }
}
