package io.longhaul.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.bench.api.PublicApi;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Problem;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("qemu")
class CancelTest {
    @RegisterExtension
    static final RunningCluster CLUSTER = new RunningCluster(Map.of("longhaul.scheduling.max-running", "1"), Map.of());

    private final Machines machines = new Machines(CLUSTER);

    @ParameterizedTest
    @EnumSource(
            value = MigrationState.class,
            names = {"PREPARING", "COPYING_DISKS", "COPYING_MEMORY"})
    void cancelLeavesTheGuestAtTheSourceAndNothingAtTheDestination(MigrationState state) throws Exception {
        machines.healthyGuest("stayer");
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);

        Migration started = machines.start(Machines.slowMoveOf("stayer"));
        CLUSTER.follower().awaitState(started.getId(), state);
        CLUSTER.api().migrations().cancelMigration(started.getId());
        Migration ended = CLUSTER.follower().awaitEnd(started.getId());

        assertThat(ended.getState()).isEqualTo(MigrationState.CANCELLED);
        machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
        machines.requireHealthyOn("stayer", RunningCluster.SOURCE);
    }

    /** Either the cancel comes in time or it does not; in between there is nothing. */
    @Test
    void cancelDuringTheSwitchoverEndsWithTheGuestOnOneHost() throws Exception {
        machines.healthyGuest("switcher");
        Migration started = machines.start(Machines.moveOf("switcher", RunningCluster.DESTINATION));
        CLUSTER.follower().awaitState(started.getId(), MigrationState.SWITCHING_OVER);
        cancelOrBeTooLate(started.getId());
        Migration ended = CLUSTER.follower().awaitEnd(started.getId());

        assertThat(ended.getState()).isIn(MigrationState.CANCELLED, MigrationState.COMPLETED);
        machines.requireHealthyOn(
                "switcher",
                ended.getState() == MigrationState.CANCELLED ? RunningCluster.SOURCE : RunningCluster.DESTINATION);
    }

    @Test
    void aQueuedMigrationSaysWhatItWaitsForAndCanBeCancelled() throws Exception {
        machines.healthyGuest("first");
        machines.emptyMachine("second");
        Migration running = machines.start(Machines.slowMoveOf("first"));
        Migration waiting = machines.start(Machines.slowMoveOf("second"));

        Migration queued = CLUSTER.follower().follow(waiting.getId(), migration -> migration.getWaitingFor() != null);
        assertThat(queued.getState())
                .as(
                        "%s, while the first is %s",
                        queued, CLUSTER.api().migrations().getMigration(running.getId(), 0, null))
                .isEqualTo(MigrationState.QUEUED);
        CLUSTER.api().migrations().cancelMigration(waiting.getId());
        assertThat(CLUSTER.follower().awaitEnd(waiting.getId()).getState()).isEqualTo(MigrationState.CANCELLED);
        assertThat(CLUSTER.api()
                        .migrations()
                        .getMigration(running.getId(), 0, null)
                        .getState())
                .isNotIn(MigrationState.CANCELLED, MigrationState.FAILED);
    }

    private static void cancelOrBeTooLate(String migrationId) throws ApiException {
        try {
            CLUSTER.api().migrations().cancelMigration(migrationId);
        } catch (ApiException e) {
            assertThat(PublicApi.problem(e)).map(Problem::getCode).contains("NOT_CANCELLABLE");
        }
    }
}
