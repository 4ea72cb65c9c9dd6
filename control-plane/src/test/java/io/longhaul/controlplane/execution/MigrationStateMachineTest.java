package io.longhaul.controlplane.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.problems.ProblemCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MigrationStateMachineTest {

    private static final EnumSet<MigrationPhase> RESERVED = EnumSet.of(MigrationPhase.PARKED, MigrationPhase.UNDECIDED);
    private static final MigrationStateMachine TABLE = MigrationStateMachine.TABLE;

    @Test
    void everyPairOfReportsLeadsOnlyToRowsOfTheTableAndEveryRowIsReached() {
        Set<MigrationStateMachine.Row> visited = new HashSet<>();
        // Asked for by requests and by the queue, not by reports.
        for (MigrationPhase phase : EnumSet.complementOf(RESERVED)) {
            for (MigrationEvent event :
                    EnumSet.of(MigrationEvent.START, MigrationEvent.START_REFUSED, MigrationEvent.CANCEL)) {
                TABLE.row(phase, event).ifPresent(visited::add);
            }
            everySituation(phase)
                    .forEach(situation -> situation
                            .next()
                            .ifPresent(event -> visited.add(TABLE.row(phase, event)
                                    .orElseThrow(
                                            () -> new AssertionError("No row for " + event + " at " + situation)))));
        }
        assertThat(visited).containsExactlyInAnyOrderElementsOf(TABLE.rows());
    }

    @Test
    void nothingLeadsOutOfTheEndAndReservedPhasesHaveNoRows() {
        assertThat(TABLE.rows())
                .noneMatch(row -> row.phase().terminal())
                .noneMatch(row -> RESERVED.contains(row.phase()) || RESERVED.contains(row.next()));
    }

    @Test
    void exactlyTheCancellablePhasesTakeACancellationThatChangesSomething() {
        assertThat(MigrationPhase.values())
                .filteredOn(phase -> phase != MigrationPhase.PARKED)
                .allSatisfy(phase -> assertThat(TABLE.row(phase, MigrationEvent.CANCEL)
                                .filter(row -> row.next() != phase)
                                .isPresent())
                        .isEqualTo(phase.cancellable()));
    }

    @Test
    void everyRunningPhaseReachesAnEnd() {
        for (MigrationPhase start : MigrationPhase.values()) {
            if (start == MigrationPhase.PARKED || start == MigrationPhase.UNDECIDED) {
                continue;
            }
            Set<MigrationPhase> reached = new HashSet<>(Set.of(start));
            while (TABLE.rows().stream()
                    .filter(row -> reached.contains(row.phase()))
                    .map(row -> reached.add(row.next()))
                    .reduce(false, Boolean::logicalOr)) {
                assertThat(reached).hasSizeLessThanOrEqualTo(MigrationPhase.values().length);
            }
            assertThat(reached).as("from " + start).anyMatch(MigrationPhase::terminal);
        }
    }

    @Test
    void refusesATableThatContradictsItself() {
        var row = new MigrationStateMachine.Row(
                MigrationPhase.QUEUED, MigrationEvent.START, MigrationPhase.PREPARING, MigrationAction.NOTHING);
        var out = new MigrationStateMachine.Row(
                MigrationPhase.FAILED, MigrationEvent.START, MigrationPhase.PREPARING, MigrationAction.NOTHING);
        assertThatThrownBy(() -> new MigrationStateMachine(List.of(row, row)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MigrationStateMachine(List.of(out))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theCommittedDiagramShowsTheTable() throws IOException {
        Path page = Path.of("..", "docs", "migration-states.md");
        assertThat(Files.readString(page)).contains("```mermaid\n" + TABLE.diagram() + "```");
    }

    @Test
    void phasesAreTheStatesOfTheApi() {
        assertThat(Arrays.stream(MigrationPhase.values()).map(MigrationPhase::shown))
                .containsExactly(MigrationState.values());
    }

    private static List<Situation> everySituation(MigrationPhase phase) {
        return sides(MigrationRole.SOURCE).stream()
                .flatMap(source -> sides(MigrationRole.DESTINATION).stream()
                        .flatMap(destination -> flags(phase, source, destination).stream()))
                .toList();
    }

    private static List<Situation> flags(MigrationPhase phase, Situation.Side source, Situation.Side destination) {
        Optional<Problem> refusal = Optional.of(ProblemCode.POOL_UNAVAILABLE.problem("Refused."));
        return List.of(
                new Situation(phase, source, destination, false, Optional.empty(), false, false, false),
                new Situation(phase, source, destination, true, Optional.empty(), false, false, false),
                new Situation(phase, source, destination, true, refusal, false, false, false),
                // The worker asks for it only in these.
                new Situation(phase, source, destination, true, Optional.empty(), phase.ending(), false, false),
                new Situation(phase, source, destination, true, Optional.empty(), false, true, true));
    }

    private static List<Situation.Side> sides(MigrationRole role) {
        MigrationReport cutOff = report(role, SidePhase.GRANTED).cutOff(true);
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                Situation.Side.UNHEARD,
                                new Situation.Side(Optional.empty(), true),
                                new Situation.Side(
                                        Optional.of(cutOff).filter(any -> role == MigrationRole.SOURCE), false)),
                        Arrays.stream(SidePhase.values())
                                .filter(phase -> possible(role, phase))
                                .map(phase -> new Situation.Side(Optional.of(report(role, phase)), false)))
                .toList();
    }

    private static boolean possible(MigrationRole role, SidePhase phase) {
        return switch (phase) {
            case PREPARED, RECEIVING, TAKEN, REFUSED -> role == MigrationRole.DESTINATION;
            case COPYING_DISKS, COPYING_MEMORY, SWITCHING_OVER, GRANTED, RELEASED -> role == MigrationRole.SOURCE;
            case PREPARING, COMPLETED, ABORTING, ABORTED -> true;
        };
    }

    private static MigrationReport report(MigrationRole role, SidePhase phase) {
        return new MigrationReport("mig-1", new UUID(1, 1), role, 2L, phase, 1L, "i", OffsetDateTime.MIN)
                .transferAddress("address:1");
    }
}
