package io.longhaul.controlplane.execution;

import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.problems.ProblemCode;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chooses among the problems of both sides the one that explains the others. Pure. */
final class RootCause {

    /** What a side says when the other one ended: it explains nothing as long as the other has a better word. */
    private static final Set<String> CONSEQUENCES =
            Set.of(ProblemCode.PEER_ABORTED.name(), ProblemCode.LINK_LOST.name());

    private RootCause() {}

    /** The first that is no consequence, else the first at all. In the order given, absent ones left out. */
    static @Nullable Problem of(@Nullable Problem... problems) {
        return Arrays.stream(problems)
                .filter(Objects::nonNull)
                .filter(problem -> !CONSEQUENCES.contains(problem.getCode()))
                .findFirst()
                .orElseGet(() -> Arrays.stream(problems)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null));
    }
}
