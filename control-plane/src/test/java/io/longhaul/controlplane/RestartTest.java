package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.MigrationState;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The control plane goes away and comes back while migrations are under way, and finds out what it missed. */
class RestartTest {

    @TempDir
    Path folder;

    private RunningControlPlane controlPlane;
    private FakeAgent source;
    private FakeAgent destination;

    @BeforeEach
    void start(TestInfo test) {
        controlPlane = test.getTags().contains("process")
                ? RunningControlPlane.process(folder)
                : new RunningControlPlane(folder);
        controlPlane.awaitHealth();
        source = new FakeAgent("host-a", controlPlane);
        destination = new FakeAgent("host-b", controlPlane);
    }

    @AfterEach
    void stop() {
        source.close();
        destination.close();
        controlPlane.close();
    }

    /** One start a state: what happens while it is away is heard by asking, because the agents never push. */
    @Test
    void goesOnInEveryState() {
        source.scenario = FakeAgent.FailureScenario.TELLS_ONLY_WHEN_ASKED;
        destination.scenario = FakeAgent.FailureScenario.TELLS_ONLY_WHEN_ASKED;
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        controlPlane.restart();
        destination.phase(tour.id, SidePhase.PREPARED);
        Tour.awaitTrue(() -> source.knows(tour.id));
        for (SidePhase phase :
                new SidePhase[] {SidePhase.COPYING_DISKS, SidePhase.COPYING_MEMORY, SidePhase.SWITCHING_OVER}) {
            source.phase(tour.id, phase);
            controlPlane.restart();
            tour.await(MigrationState.valueOf(phase.name()));
        }
        tour.taken();
        controlPlane.restart();
        tour.await(MigrationState.COMPLETING);
        tour.finish(true);
        controlPlane.restart();
        tour.await(MigrationState.COMPLETED);
        assertThat(tour.vmNow().getHost()).isEqualTo("host-b");
        assertThat(tour.migration().getHistory()).hasSize(7);
        assertThat(source.commands).endsWith("DELETE deleteSourceDisks=true");
    }

    @Test
    @Tag("process")
    void goesOnAfterAKill() {
        Tour tour = Tour.begin(controlPlane, source, destination);
        controlPlane.restart();
        tour.until(MigrationState.COPYING_MEMORY);
        controlPlane.restart();
        source.phase(tour.id, SidePhase.SWITCHING_OVER);
        tour.taken();
        tour.await(MigrationState.COMPLETING);
        controlPlane.restart();
        tour.finish(true);
        tour.await(MigrationState.COMPLETED);
        assertThat(tour.vmNow().getHost()).isEqualTo("host-b");
        assertThat(tour.migration().getReceipt().getDisksIdentical()).isTrue();
    }

    @Test
    void undoesInSpiteOfRestartsAndHoldsTheQueue() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        destination.scenario = FakeAgent.FailureScenario.REFUSES_ABORTS;
        assertThat(tour.cancel().status()).isEqualTo(202);
        Tour.awaitTrue(() -> String.valueOf(tour.migration().getWaitingFor()).contains("host-b"));
        controlPlane.restart();
        tour.await(MigrationState.CANCELLING);
        destination.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        tour.await(MigrationState.CANCELLED);
        destination.fallSilent();
        assertThat(tour.vmNow().getActiveMigration()).isNull();
    }
}
