package io.longhaul.agent.problems;

/** A request that cannot be done, with everything its problem says. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemDescription description;

    public ProblemException(ProblemCode code, String detail, String seen, String expected) {
        this(new ProblemDescription(code, detail, seen, expected, ""));
    }

    public ProblemException(ProblemDescription description) {
        super(description.code() + ": " + description.detail());
        this.description = description;
    }

    public ProblemException(ProblemDescription description, Throwable cause) {
        super(description.code() + ": " + description.detail(), cause);
        this.description = description;
    }

    public ProblemDescription description() {
        return description;
    }
}
