package io.longhaul.controlplane.execution;

import io.longhaul.api.model.Problem;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.problems.ProblemCode;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is told of a move that was undone while its guest no longer ran at the source. Pure. */
final class EndOfGuest {

    private static final Set<VmState> ENDED = EnumSet.of(VmState.FAILED, VmState.STOPPED);

    private EndOfGuest() {}

    /** @param seen what the source's agent said of the machine last, UNKNOWN where that is long ago */
    static boolean known(VmState seen, @Nullable Problem problem) {
        return ENDED.contains(seen) || problem != null && problem.getCode().equals(ProblemCode.GUEST_DIED.name());
    }

    /** Whatever else went wrong: the same request again would be refused until the machine was started. */
    static Problem told(Problem problem, String vm, String source) {
        return problem.retryable(false)
                .action("The guest has ended: start it with POST /v1/vms/" + vm + "/start, then repeat the migration. "
                        + "Its serial log and the agent's log at " + source + " may say why it ended.");
    }
}
