package io.longhaul.controlplane.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.controlplane.scheduling.StartDecisions.Contender;
import io.longhaul.controlplane.scheduling.StartDecisions.Decision;
import io.longhaul.controlplane.scheduling.StartDecisions.Limits;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StartDecisionsTest {

    private static final Limits LIMITS = new Limits(3, 2);

    @Test
    void startsInOrderUntilAHostIsFullAndLetsOthersPass() {
        assertThat(StartDecisions.decide(
                        List.of(move("1", "a", "b"), move("2", "a", "c"), move("3", "a", "d"), move("4", "e", "f")),
                        List.of(),
                        Set.of(),
                        LIMITS))
                .containsExactly(starts("1"), starts("2"), waits("3", "2 of 2 migrations run on a"), starts("4"));
    }

    @Test
    void countsWhatRunsAsSourceOrDestination() {
        assertThat(StartDecisions.decide(
                        List.of(move("3", "c", "a")),
                        List.of(move("1", "a", "b"), move("2", "d", "a")),
                        Set.of(),
                        LIMITS))
                .containsExactly(waits("3", "2 of 2 migrations run on a"));
    }

    @Test
    void holdsTheLimitInAll() {
        assertThat(StartDecisions.decide(
                        List.of(move("4", "g", "h")),
                        List.of(move("1", "a", "b"), move("2", "c", "d"), move("3", "e", "f")),
                        Set.of(),
                        LIMITS))
                .containsExactly(waits("4", "3 of 3 migrations run"));
    }

    @Test
    void waitsForAgents() {
        assertThat(StartDecisions.decide(List.of(move("1", "a", "b")), List.of(), Set.of("b"), LIMITS))
                .containsExactly(waits("1", "agent of b is offline"));
    }

    private static Contender move(String id, String source, String destination) {
        return new Contender(id, source, destination);
    }

    private static Decision starts(String id) {
        return new Decision(id, Optional.empty());
    }

    private static Decision waits(String id, String reason) {
        return new Decision(id, Optional.of(reason));
    }
}
