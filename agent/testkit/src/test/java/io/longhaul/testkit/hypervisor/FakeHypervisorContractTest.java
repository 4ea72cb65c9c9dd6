package io.longhaul.testkit.hypervisor;

final class FakeHypervisorContractTest extends HypervisorContract {
    @Override
    protected HypervisorStage openStage() throws Exception {
        FakeStage stage = new FakeStage();
        stage.awaitProgress(HypervisorStage.Side.SOURCE);
        return stage;
    }
}
