package io.longhaul.controlplane.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.problems.ProblemCode;
import org.junit.jupiter.api.Test;

class RootCauseTest {
    private static final Problem LINK_LOST = ProblemCode.LINK_LOST.problem("The link was lost.");
    private static final Problem VIOLATION = ProblemCode.PEER_REJECTED.problem("A seven came.");

    @Test
    void whatAPeerSentThatCannotBeExplainsTheEndOfTheOther() {
        assertThat(RootCause.of(LINK_LOST, VIOLATION)).isSameAs(VIOLATION);
    }

    @Test
    void whatAPeerSentThatCannotBeComesAgainWithTheSameVersions() {
        assertThat(VIOLATION.getRetryable()).isFalse();
    }

    @Test
    void aGuestThatEndedExplainsWhatItDidToTheDestination() {
        Problem stream = ProblemCode.DESTINATION_HYPERVISOR_FAILED.problem("The memory stream ended.");
        Problem died = ProblemCode.GUEST_DIED.problem("The guest's hypervisor ended.");
        assertThat(RootCause.of(stream, died)).isSameAs(died);
        assertThat(RootCause.of(died, stream)).isSameAs(died);
    }

    @Test
    void aConsequenceIsBetterThanNothing() {
        assertThat(RootCause.of(null, LINK_LOST)).isSameAs(LINK_LOST);
    }
}
