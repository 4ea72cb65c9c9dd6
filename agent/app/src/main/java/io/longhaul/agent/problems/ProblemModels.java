package io.longhaul.agent.problems;

import io.longhaul.api.model.Problem;

/** Makes the API's problems, which name this host. Immutable. */
public final class ProblemModels {
    private final String host;

    public ProblemModels(String host) {
        this.host = host;
    }

    public Problem of(ProblemDescription description) {
        ProblemCode code = description.code();
        Problem problem = new Problem();
        problem.setType("/v1/problems/" + code.name());
        problem.setTitle(code.title());
        problem.setStatus(code.status());
        problem.setCode(code.name());
        problem.setDetail(description.detail());
        problem.setAction(code.action());
        problem.setRetryable(code.retryable());
        problem.setHost(host);
        if (!description.seen().isEmpty()) {
            problem.setSeen(description.seen());
        }
        if (!description.expected().isEmpty()) {
            problem.setExpected(description.expected());
        }
        if (!description.nativeWords().isEmpty()) {
            problem.setNative(description.nativeWords());
        }
        return problem;
    }
}
