package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationState;
import org.junit.jupiter.api.Test;

/** A source that has granted and cannot learn from its peer what became of the machine is told by the control plane. */
class PassedOnDecisionTest extends BetweenFakeAgents {

    PassedOnDecisionTest() {
        super("longhaul.execution.resolution-after=200ms");
    }

    @Test
    void tellsASourceThatCannotLearnItThatTheDestinationTook() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.SWITCHING_OVER);
        // The fake source stays GRANTED until it is told.
        source.phase(tour.id, SidePhase.GRANTED);
        destination.phase(tour.id, SidePhase.TAKEN);
        Tour.awaitTrue(() -> source.commands.contains("PUT resolution"));
        destination.phase(tour.id, SidePhase.COMPLETED);
        tour.await(MigrationState.COMPLETED);
        assertThat(tour.migration().getReceipt().getDisksIdentical()).isNull();
        assertThat(source.commands).endsWith("DELETE deleteSourceDisks=false");
    }

    @Test
    void tellsAGrantedSourceThatTheDestinationRefused() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.SWITCHING_OVER);
        source.phase(tour.id, SidePhase.GRANTED);
        destination.phase(tour.id, SidePhase.REFUSED, FakeAgent.problem(500, "HANDOVER_TIMED_OUT"));
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("HANDOVER_TIMED_OUT");
        assertThat(source.commands).contains("PUT resolution");
        assertThat(tour.vmNow().getHost()).isEqualTo("host-a");
    }

    @Test
    void asksADestinationToDecideWhereTheGrantedSourceHasLostTheLink() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.SWITCHING_OVER);
        MigrationReport granted = source.phase(tour.id, SidePhase.GRANTED);
        assertThat(destination.commands).doesNotContain("POST abort");

        source.tell(source.copy(granted).cutOff(true), granted);
        Migration failed = tour.await(MigrationState.FAILED).migration();
        assertThat(failed.getProblem().getCode()).isEqualTo("LINK_LOST");
        assertThat(destination.commands).contains("POST abort");
        assertThat(source.commands).contains("PUT resolution");
        assertThat(tour.vmNow().getHost()).isEqualTo("host-a");
    }

    @Test
    void aDestinationThatTookBeforeItWasAskedToDecideKeepsTheMachine() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.SWITCHING_OVER);
        destination.sides.computeIfPresent(
                tour.id, (id, side) -> destination.copy(side).phase(SidePhase.TAKEN));
        MigrationReport granted = source.side(tour.id);
        source.tell(source.copy(granted).phase(SidePhase.GRANTED).cutOff(true), granted);
        tour.await(MigrationState.COMPLETING);
        Tour.awaitTrue(() -> source.commands.contains("PUT resolution"));
        assertThat(tour.vmNow().getHost()).isEqualTo("host-b");
        assertThat(tour.migration().getProblem()).isNull();
        destination.phase(tour.id, SidePhase.COMPLETED);
        tour.await(MigrationState.COMPLETED);
    }
}
