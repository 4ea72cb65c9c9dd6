package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.StateChange;
import io.longhaul.api.model.VmState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From request to completion, and every way it can go wrong, over HTTP against fake agents. */
class FlowTest extends BetweenFakeAgents {

    @Test
    void movesTheMachineAndWritesTheReceipt() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COMPLETING);
        assertThat(tour.vmNow().getHost()).isEqualTo("host-b");
        assertThat(tour.vmNow().getState()).isEqualTo(VmState.RUNNING);
        tour.finish(true);
        Migration moved = tour.await(MigrationState.COMPLETED).migration();
        assertThat(moved.getHistory())
                .extracting(StateChange::getState)
                .containsExactly(
                        MigrationState.QUEUED,
                        MigrationState.PREPARING,
                        MigrationState.COPYING_DISKS,
                        MigrationState.COPYING_MEMORY,
                        MigrationState.SWITCHING_OVER,
                        MigrationState.COMPLETING,
                        MigrationState.COMPLETED);
        assertThat(moved.getReceipt().getDowntimeMillis()).isEqualTo(100);
        assertThat(moved.getReceipt().getDisksIdentical()).isTrue();
        assertThat(moved.getReceipt().getGuestHealthy()).isTrue();
        assertThat(moved.getEpoch()).isEqualTo(2);
        assertThat(tour.vmNow().getActiveMigration()).isNull();
        assertThat(source.commands).containsExactly("PUT outgoing", "DELETE deleteSourceDisks=true");
        assertThat(destination.commands).containsExactly("PUT incoming", "DELETE deleteSourceDisks=false");
    }

    @Test
    void tellsTheDestinationWhatTheDisksDescendFromAndShowsWhatItSaysOfThem() {
        MigrationPolicy policy =
                new MigrationPolicy().seeds(Map.of("root", "debian-12.qcow2")).reuseExistingDisks(true);
        Tour tour = Tour.begin(controlPlane, source, destination, policy).until(MigrationState.PREPARING);
        MigrationPolicy told =
                Objects.requireNonNull(destination.incoming.get(tour.id)).getPolicy();
        assertThat(told.getSeeds()).isEqualTo(Map.of("root", "debian-12.qcow2"));
        assertThat(told.getReuseExistingDisks()).isTrue();
        assertThat(tour.migration().getPolicy()).isEqualTo(told);
        assertThat(tour.migration().getNotes()).isEmpty();

        MigrationReport old = destination.side(tour.id);
        SideMeasurements said = new SideMeasurements().addNotesItem("Disk root begins with a copy.");
        destination.tell(destination.copy(old).phase(SidePhase.PREPARED).measurements(said), old);
        Tour.awaitTrue(() -> tour.migration().getNotes().equals(List.of("Disk root begins with a copy.")));
        tour.cancel();
        tour.await(MigrationState.CANCELLED);
        assertThat(tour.migration().getNotes()).containsExactly("Disk root begins with a copy.");
    }

    @Test
    void theSourceHearsInItsOrderWhichDisksAreBlankAtTheDestination() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        MigrationReport old = destination.side(tour.id);
        destination.tell(destination.copy(old).phase(SidePhase.PREPARED).blankDisks(List.of("root")), old);
        Tour.awaitTrue(() -> source.knows(tour.id));
        assertThat(Objects.requireNonNull(source.outgoing.get(tour.id)).getBlankDisks())
                .containsExactly("root");
    }

    @Test
    void refusesATemplateForADiskThatTheMachineDoesNotHave() {
        String name = Tour.machine(controlPlane, true).getDefinition().getName();
        var answer = controlPlane.post(
                "/v1/migrations",
                new CreateMigration(name, "host-b").policy(new MigrationPolicy().seeds(Map.of("roto", "x.raw"))));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("INVALID_FIELD").contains("roto");
    }

    @Test
    void keepsTheSourcesDisksWhereTheDigestsDiffer() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COMPLETING);
        tour.finish(false);
        tour.await(MigrationState.COMPLETED);
        assertThat(source.commands).endsWith("DELETE deleteSourceDisks=false");
        assertThat(tour.migration().getReceipt().getDisksIdentical()).isFalse();
    }

    @Test
    void aMoveWhoseGuestDiedAtTheDestinationSaysSo() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COMPLETING);
        source.phase(tour.id, SidePhase.COMPLETED);
        destination.phase(tour.id, SidePhase.COMPLETED, problem("DESTINATION_HYPERVISOR_FAILED"));
        Migration moved = tour.await(MigrationState.COMPLETED).migration();
        assertThat(moved.getProblem().getCode()).isEqualTo("DESTINATION_HYPERVISOR_FAILED");
        assertThat(moved.getHistory().get(6).getReason()).contains("DESTINATION_HYPERVISOR_FAILED");
        assertThat(moved.getReceipt().getGuestHealthy()).isNull();
        assertThat(moved.getReceipt().getDowntimeMillis()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationState.class,
            names = {"PREPARING", "COPYING_DISKS", "COPYING_MEMORY", "SWITCHING_OVER"})
    void cancelsInEveryStateBeforeTheGrant(MigrationState state) {
        Tour tour = Tour.begin(controlPlane, source, destination).until(state);
        assertThat(tour.cancel().status()).isEqualTo(202);
        tour.await(MigrationState.CANCELLED);
        assertThat(tour.cancel().status()).isEqualTo(202);
        assertThat(tour.vmNow().getHost()).isEqualTo("host-a");
        assertThat(tour.vmNow().getActiveMigration()).isNull();
        Tour.awaitTrue(() -> !source.knows(tour.id) && !destination.knows(tour.id));
        assertThat(source.commands).endsWith("POST abort", "DELETE deleteSourceDisks=false");
    }

    @Test
    void aCancellationThatComesTooLateEndsInTheMove() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.SWITCHING_OVER);
        source.sides.computeIfPresent(tour.id, (id, side) -> source.copy(side).phase(SidePhase.GRANTED));
        destination.sides.computeIfPresent(
                tour.id, (id, side) -> destination.copy(side).phase(SidePhase.TAKEN));
        assertThat(tour.cancel().status()).isEqualTo(202);
        tour.await(MigrationState.COMPLETING);
        assertThat(tour.migration().getHistory())
                .extracting(StateChange::getReason)
                .anyMatch(reason -> reason.contains("too late"));
        assertThat(tour.cancel().code()).isEqualTo("NOT_CANCELLABLE");
        tour.finish(true);
        tour.await(MigrationState.COMPLETED);
    }

    @Test
    void failsWithTheRootCauseWhicheverSideSpeaksFirst() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        // The abort that follows makes both sides ABORTED and must not hide what they said.
        source.phase(tour.id, SidePhase.ABORTED, problem("PEER_ABORTED"));
        destination.phase(tour.id, SidePhase.ABORTED, problem("DESTINATION_DISK_FULL"));
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("DESTINATION_DISK_FULL");
        assertThat(tour.vmNow().getHost()).isEqualTo("host-a");
    }

    @Test
    void namesTheCauseAtTheEndWhereTheSideThatSpokeFirstDidNotKnowIt() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        destination.scenario = FakeAgent.FailureScenario.REFUSES_ABORTS;
        source.phase(tour.id, SidePhase.ABORTED, problem("LINK_LOST"));
        tour.await(MigrationState.FAILING);
        destination.phase(tour.id, SidePhase.ABORTED, problem("AGENT_RESTARTED"));
        Migration failed = tour.await(MigrationState.FAILED).migration();
        destination.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        List<StateChange> history = failed.getHistory();
        assertThat(history.get(history.size() - 2).getReason()).startsWith("LINK_LOST: ");
        assertThat(history.get(history.size() - 1).getReason()).contains("; the cause was AGENT_RESTARTED: ");
        assertThat(failed.getProblem().getCode()).isEqualTo("AGENT_RESTARTED");
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationState.class,
            names = {"PREPARING", "COPYING_DISKS", "COPYING_MEMORY", "SWITCHING_OVER"})
    void failsWhereTheDestinationGivesUp(MigrationState state) {
        Tour tour = Tour.begin(controlPlane, source, destination).until(state);
        destination.phase(tour.id, SidePhase.REFUSED, problem("DESTINATION_HYPERVISOR_FAILED"));
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("DESTINATION_HYPERVISOR_FAILED");
        Tour.awaitTrue(() -> !source.knows(tour.id) && !destination.knows(tour.id));
    }

    @Test
    void aMoveWhoseGuestDiedAtTheSourceSaysSoAndWhatToDo() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        // The agent itself thinks that another try may help.
        source.phase(tour.id, SidePhase.ABORTING, problem("GUEST_DIED").retryable(true));
        assertSaysThatTheGuestEnded(tour, "GUEST_DIED");
    }

    @Test
    void aMoveThatFailedForSomethingElseSaysIfTheGuestHasEndedMeanwhile() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_MEMORY);
        Objects.requireNonNull(source.vms.get(tour.vm.getId())).state(VmState.FAILED);
        // A heartbeat counts only when the answer to the machine's start is old enough.
        Tour.awaitTrue(() -> tour.vmNow().getState() == VmState.FAILED);
        source.phase(
                tour.id,
                SidePhase.ABORTING,
                problem("DESTINATION_HYPERVISOR_FAILED").retryable(true));
        assertSaysThatTheGuestEnded(tour, "DESTINATION_HYPERVISOR_FAILED");
    }

    private static void assertSaysThatTheGuestEnded(Tour tour, String code) {
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo(code);
        assertThat(failed.getProblem().getRetryable()).isFalse();
        assertThat(failed.getProblem().getAction())
                .contains("POST /v1/vms/" + failed.getVmName() + "/start")
                .contains("host-a");
        StateChange last = failed.getHistory().get(failed.getHistory().size() - 1);
        assertThat(last.getReason()).contains("its guest has ended").doesNotContain("the guest stays");
    }

    @Test
    void aMoveThatFailedWhileTheGuestRunsOnMayBeTriedAgain() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        destination.phase(
                tour.id, SidePhase.REFUSED, problem("DESTINATION_DISK_FULL").retryable(true));
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getRetryable()).isTrue();
        StateChange last = failed.getHistory().get(failed.getHistory().size() - 1);
        // Nothing is said twice.
        assertThat(last.getReason()).endsWith("the machine stays at host-a");
    }

    @ParameterizedTest
    @EnumSource(
            value = FakeAgent.FailureScenario.class,
            names = {"LOSES_ANSWERS", "TELLS_ONLY_WHEN_ASKED", "REPEATS_AND_REORDERS"})
    void movesInSpiteOfAnUnreliableWay(FakeAgent.FailureScenario scenario) {
        source.scenario = scenario;
        destination.scenario = scenario;
        if (scenario == FakeAgent.FailureScenario.LOSES_ANSWERS) {
            // The creation's own answer is lost first; the same request again goes on with it.
            assertThat(controlPlane
                            .post("/v1/vms", Tour.definitionRequest("lossy"))
                            .code())
                    .isEqualTo("AGENT_OFFLINE");
            assertThat(controlPlane
                            .post("/v1/vms", Tour.definitionRequest("lossy"))
                            .status())
                    .isEqualTo(201);
            source.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        }
        Tour tour = Tour.begin(controlPlane, source, destination);
        source.scenario = scenario;
        tour.until(MigrationState.COMPLETING).finish(true);
        tour.await(MigrationState.COMPLETED);
        assertThat(tour.migration().getHistory()).hasSize(7);
    }

    @ParameterizedTest
    @EnumSource(
            value = FakeAgent.FailureScenario.class,
            names = {"REFUSES_INCOMING", "REFUSES_OUTGOING"})
    void failsWhereAnAgentRefusesItsCommand(FakeAgent.FailureScenario scenario) {
        source.scenario = scenario;
        destination.scenario = scenario;
        Tour tour = Tour.begin(controlPlane, source, destination);
        if (scenario == FakeAgent.FailureScenario.REFUSES_OUTGOING) {
            tour.until(MigrationState.PREPARING);
            destination.phase(tour.id, SidePhase.PREPARED);
        }
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("POOL_UNAVAILABLE");
        assertThat(source.commands).contains("POST abort");
        assertThat(destination.commands).contains("POST abort");
    }

    @Test
    void saysThatNothingIsHeardOfAHostAndThatItsFiguresAreOldUntilItIsHeardAgain() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        MigrationReport old = source.side(tour.id);
        MigrationProgress live =
                new MigrationProgress(100L, 40L, 60L, 0L, 0L, 0L, 50L, 10L).forecastReason("On its way.");
        source.tell(source.copy(old).progress(live), old);
        Tour.awaitTrue(() -> tour.migration().getProgress() != null
                && tour.migration().getProgress().getStaleSince() == null);

        source.scenario = FakeAgent.FailureScenario.SAYS_NOTHING;
        Tour.awaitTrue(() -> tour.migration().getProgress().getStaleSince() != null);
        Migration silent = tour.migration();
        assertThat(silent.getWaitingFor()).startsWith("agent of host-a to report (nothing was heard of it since ");
        assertThat(silent.getProgress().getDiskBytesDone()).isEqualTo(40);
        assertThat(silent.getProgress().getForecastReason()).contains("last figures");

        source.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        Tour.awaitTrue(() -> "On its way.".equals(tour.migration().getProgress().getForecastReason()));
        Tour.awaitTrue(() -> tour.migration().getWaitingFor() == null);
        tour.cancel();
        tour.await(MigrationState.CANCELLED);
    }

    @Test
    void aSourceThatDoesNotReachTheDestinationIsWaitedForByItsAddress() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        Tour.awaitTrue(() -> String.valueOf(tour.migration().getWaitingFor()).startsWith("host-b to get ready"));
        destination.phase(tour.id, SidePhase.PREPARED);
        Tour.awaitTrue(() -> String.valueOf(tour.migration().getWaitingFor())
                .startsWith("host-a to connect to host-b at 127.0.0.1:9,"));
        source.phase(tour.id, SidePhase.COPYING_DISKS);
        tour.await(MigrationState.COPYING_DISKS);
        Tour.awaitTrue(() -> tour.migration().getWaitingFor() == null);
        tour.cancel();
        tour.await(MigrationState.CANCELLED);
    }

    @Test
    void anEndedMoveForecastsNothing() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        MigrationReport old = source.side(tour.id);
        MigrationProgress live = new MigrationProgress(100L, 40L, 60L, 0L, 0L, 0L, 50L, 10L)
                .forecastReason("No end in sight.")
                .linkAwayMillis(35_000L);
        source.tell(source.copy(old).progress(live), old);
        Tour.awaitTrue(() -> tour.migration().getProgress() != null);
        assertThat(tour.migration().getProgress().getForecastReason()).isEqualTo("No end in sight.");
        tour.cancel();
        MigrationProgress ended =
                tour.await(MigrationState.CANCELLED).migration().getProgress();
        assertThat(ended.getForecastReason()).isNull();
        assertThat(ended.getLinkAwayMillis()).isNull();
        assertThat(ended.getDiskBytesDone()).isEqualTo(40);
    }

    @Test
    void failsWhereAnAgentHasLostItsMemory() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_MEMORY);
        destination.scenario = FakeAgent.FailureScenario.KNOWS_NOTHING;
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("AGENT_RESTARTED");
    }

    @Test
    void passesOverReportsOfOtherEpochsHostsAndMachines() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        var stale = source.copy(source.side(tour.id)).phase(SidePhase.ABORTED);
        assertThat(source.push("migrations", stale.epoch(1L)).status()).isEqualTo(204);
        assertThat(destination.push("migrations", stale.epoch(2L)).status()).isEqualTo(204);
        assertThat(source.push("migrations", stale.migrationId("mig-unknown")).status())
                .isEqualTo(204);
        source.phase(tour.id, SidePhase.COPYING_MEMORY);
        tour.await(MigrationState.COPYING_MEMORY);
        assertThat(tour.cancel().status()).isEqualTo(202);
        tour.await(MigrationState.CANCELLED);
    }

    private static Problem problem(String code) {
        return FakeAgent.problem(500, code);
    }
}
