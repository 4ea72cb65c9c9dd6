package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Json;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import okhttp3.Response;
import tools.jackson.core.JacksonException;

/** Reads what agents answer. Immutable. */
final class AgentAnswers {

    /** The most of an answer that is read: a report or a serial log is far smaller. */
    private static final long MOST_BYTES = 8 << 20;
    /** Not this agent's last word: wrong secret while one is exchanged, timeouts, overload, starting up. */
    private static final Set<Integer> NOT_NOW = Set.of(401, 408, 429, 503);

    private static final int NOT_FOUND = 404;

    private final Json json;

    AgentAnswers(Json json) {
        this.json = json;
    }

    static ProblemException unreachable(AgentAddress agent, IOException cause) {
        return new ProblemException(ProblemCode.AGENT_OFFLINE
                .problem("The agent of " + agent.host() + " did not answer; whether it did the work is not known. "
                        + "Repeating the request is safe.")
                .seen(String.valueOf(cause.getMessage()))
                .host(agent.host()));
    }

    AgentVm machine(AgentAddress agent, String text) {
        try {
            return json.read(text, AgentVm.class);
        } catch (JacksonException e) {
            throw new ProblemException(ProblemCode.AGENT_FAILED
                    .problem("The agent of " + agent.host() + " gave an answer that cannot be read.")
                    .seen(e.getOriginalMessage())
                    .host(agent.host()));
        }
    }

    String text(AgentAddress agent, Response response, boolean missingIsFine) throws IOException {
        String text = bounded(response);
        if (response.isSuccessful() || missingIsFine && response.code() == NOT_FOUND) {
            return text;
        }
        Problem problem = problem(response.code(), text);
        throw new ProblemException(problem.host(agent.host()));
    }

    AgentAnswer migrationAnswer(Response response) {
        try (response) {
            String text = bounded(response);
            if (response.isSuccessful()) {
                return new AgentAnswer.Acknowledged(
                        text.isBlank() ? Optional.empty() : Optional.of(json.read(text, MigrationReport.class)));
            }
            if (NOT_NOW.contains(response.code())) {
                return new AgentAnswer.Unanswered("status " + response.code() + ": "
                        + problem(response.code(), text).getDetail());
            }
            return new AgentAnswer.Refused(response.code(), problem(response.code(), text));
        } catch (IOException | JacksonException e) {
            return new AgentAnswer.Unanswered(String.valueOf(e.getMessage()));
        }
    }

    private static String bounded(Response response) throws IOException {
        return response.peekBody(MOST_BYTES).string();
    }

    private Problem problem(int status, String text) {
        try {
            Problem problem = json.read(text, Problem.class);
            if (problem.getCode() != null && problem.getStatus() != null && problem.getDetail() != null) {
                return problem;
            }
        } catch (JacksonException e) {
            // Not a problem document: told below with what was seen.
        }
        return ProblemCode.AGENT_FAILED
                .problem("The agent answered with status " + status + " and no problem document.")
                .seen(text.length() <= 200 ? text : text.substring(0, 200));
    }
}
