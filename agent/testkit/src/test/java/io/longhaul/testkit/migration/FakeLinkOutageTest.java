package io.longhaul.testkit.migration;

import io.longhaul.testkit.hypervisor.FakeStage;
import io.longhaul.testkit.hypervisor.HypervisorStage;

/** Simulated machines, real engines, real sockets, cut. */
class FakeLinkOutageTest extends LinkOutageContract {
    @Override
    protected HypervisorStage openStage() {
        return new FakeStage();
    }
}
