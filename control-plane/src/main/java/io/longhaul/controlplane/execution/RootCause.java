package io.longhaul.controlplane.execution;

import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.problems.ProblemCode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses among the problems of both sides the one that explains the others. Pure. */
final class RootCause {

    /** What a side says when the other one ended: it explains nothing as long as the other has a better word. */
    private static final Set<String> CONSEQUENCES =
            Set.of(ProblemCode.PEER_ABORTED.name(), ProblemCode.LINK_LOST.name());

    private RootCause() {}

    /**
     * A guest that ended, for that ends whatever streams from it; else the first that is no consequence, else the first
     * at all. In the order given, absent ones left out.
     */
    static @Nullable Problem of(@Nullable Problem... problems) {
        List<Problem> known = Arrays.stream(problems).filter(Objects::nonNull).toList();
        return first(known, problem -> problem.getCode().equals(ProblemCode.GUEST_DIED.name()))
                .or(() -> first(known, problem -> !CONSEQUENCES.contains(problem.getCode())))
                .or(() -> first(known, problem -> true))
                .orElse(null);
    }

    private static Optional<Problem> first(List<Problem> problems, Predicate<Problem> wanted) {
        return problems.stream().filter(wanted).findFirst();
    }
}
