package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.model.Problem;
import java.util.Optional;
import java.util.function.Function;

/** What became of a call to an agent. */
public sealed interface AgentAnswer {

    <R> R fold(
            Function<Acknowledged, R> acknowledged, Function<Refused, R> refused, Function<Unanswered, R> unanswered);

    /** The agent has it, and said how its side is now where the call has such an answer. */
    record Acknowledged(Optional<MigrationReport> report) implements AgentAnswer {
        @Override
        public <R> R fold(
                Function<Acknowledged, R> acknowledged,
                Function<Refused, R> refused,
                Function<Unanswered, R> unanswered) {
            return acknowledged.apply(this);
        }
    }

    /** The agent understood and will not do it; the same again would get the same answer. */
    record Refused(int status, Problem problem) implements AgentAnswer {
        @Override
        public <R> R fold(
                Function<Acknowledged, R> acknowledged,
                Function<Refused, R> refused,
                Function<Unanswered, R> unanswered) {
            return refused.apply(this);
        }
    }

    /** No answer, or one that says "not now": whether the agent has it is not known. */
    record Unanswered(String reason) implements AgentAnswer {
        @Override
        public <R> R fold(
                Function<Acknowledged, R> acknowledged,
                Function<Refused, R> refused,
                Function<Unanswered, R> unanswered) {
            return unanswered.apply(this);
        }
    }
}
