package io.longhaul.controlplane.execution;

import java.util.List;

/**
 * Where a migration stands after a step.
 *
 * @param changed whether the phase or the history changed
 * @param outgoingOrdered whether the source has been, or is about to be, commanded
 */
record Step(MigrationPhase phase, boolean changed, boolean outgoingOrdered, List<PendingCommand> pending) {

    /** Nothing is left to do, not even to tell an agent. */
    boolean finished() {
        return phase.terminal() && pending.isEmpty();
    }
}
