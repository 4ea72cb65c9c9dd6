package io.longhaul.engine.session;

import java.util.Optional;

/** A side cannot or shall not go on, and is to be undone. */
final class SideEndedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<SideProblem> problem;

    SideEndedException(SideProblem problem) {
        this(Optional.of(problem));
    }

    SideEndedException(SideProblem problem, Throwable cause) {
        super(problem.detail(), cause, true, true);
        this.problem = Optional.of(problem);
    }

    /** @param problem empty where it was asked for */
    SideEndedException(Optional<SideProblem> problem) {
        super(problem.map(SideProblem::detail).orElse("Asked to abort"), null, false, false);
        this.problem = problem;
    }

    Optional<SideProblem> problem() {
        return problem;
    }
}
