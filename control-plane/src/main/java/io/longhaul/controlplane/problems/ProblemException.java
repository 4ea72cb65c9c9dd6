package io.longhaul.controlplane.problems;

import io.longhaul.api.model.Problem;

/** Carries a problem to whoever asked. Expected, so without a stack. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.getCode() + ": " + problem.getDetail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
