package io.longhaul.testkit.migration;

import io.longhaul.testkit.hypervisor.FakeStage;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Simulated machines, real engines, real sockets. */
class FakeSeedingTest extends SeedingContract {
    private @Nullable FakeStage stage;

    @Override
    protected HypervisorStage openStage() {
        FakeStage opened = new FakeStage();
        stage = opened;
        return opened;
    }

    @Override
    protected void removed(Path file) {
        Objects.requireNonNull(stage).removeFile(file);
    }

    @Override
    protected long leastMatchedBytes() {
        return 12 << 20;
    }

    @Override
    protected long mostBytesOnWire() {
        return 4 << 20;
    }
}
