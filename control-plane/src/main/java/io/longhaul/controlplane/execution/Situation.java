package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.Problem;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Everything the next event depends on, at one moment. Immutable.
 *
 * @param outgoingOrdered the source has been, or is about to be, commanded
 * @param refusal why an agent refused its command
 * @param informSource the source has waited long enough for a decision known here, and is not being told
 * @param cleanUpOrdered both sides have been, or are about to be, told to forget
 * @param cleanUpOver they have, or took too long
 */
record Situation(
        MigrationPhase phase,
        Side source,
        Side destination,
        boolean outgoingOrdered,
        Optional<Problem> refusal,
        boolean informSource,
        boolean cleanUpOrdered,
        boolean cleanUpOver) {

    private static final Set<SidePhase> TOOK = EnumSet.of(SidePhase.TAKEN, SidePhase.RELEASED, SidePhase.COMPLETED);
    private static final Set<SidePhase> GAVE_UP = EnumSet.of(SidePhase.ABORTING, SidePhase.REFUSED, SidePhase.ABORTED);

    /** One side as it is known: never heard of, heard, or without any memory of the migration. */
    record Side(Optional<MigrationReport> report, boolean lost) {

        static final Side UNHEARD = new Side(Optional.empty(), false);

        boolean in(Set<SidePhase> phases) {
            return report.filter(known -> phases.contains(known.getPhase())).isPresent();
        }

        boolean cutOff() {
            return in(SidePhase.GRANTED)
                    && report.filter(known -> Boolean.TRUE.equals(known.getCutOff()))
                            .isPresent();
        }

        boolean in(SidePhase phase) {
            return in(EnumSet.of(phase));
        }
    }

    /** The next event, if the reports make one. */
    Optional<MigrationEvent> next() {
        if (phase == MigrationPhase.QUEUED || phase.terminal()) {
            return Optional.empty();
        }
        if (phase == MigrationPhase.COMPLETING) {
            return completing();
        }
        if (source.in(TOOK) || destination.in(TOOK)) {
            return Optional.of(MigrationEvent.DESTINATION_TOOK);
        }
        return phase.ending() ? undoing() : forward();
    }

    private Optional<MigrationEvent> completing() {
        if (informSource) {
            return Optional.of(MigrationEvent.SOURCE_UNINFORMED);
        }
        if (cleanUpOrdered) {
            return cleanUpOver ? Optional.of(MigrationEvent.CLEANED_UP) : Optional.empty();
        }
        // A side that has forgotten the migration has nothing left to do for it.
        boolean sourceDone = source.in(SidePhase.COMPLETED) || source.lost();
        boolean destinationDone = destination.in(SidePhase.COMPLETED) || destination.lost();
        return sourceDone && destinationDone ? Optional.of(MigrationEvent.BOTH_COMPLETED) : Optional.empty();
    }

    private Optional<MigrationEvent> undoing() {
        if (informSource) {
            return Optional.of(MigrationEvent.SOURCE_UNINFORMED);
        }
        // One without any memory of it has nothing to undo, and will never start it: the abort has closed the id.
        boolean sourceDone = source.in(SidePhase.ABORTED) || source.lost();
        boolean destinationDone = destination.in(SidePhase.ABORTED) || destination.lost();
        return sourceDone && destinationDone ? Optional.of(MigrationEvent.BOTH_ABORTED) : Optional.empty();
    }

    private Optional<MigrationEvent> forward() {
        if (refusal.isPresent()
                || source.lost()
                || destination.lost()
                || source.in(GAVE_UP)
                || destination.in(GAVE_UP)) {
            return Optional.of(MigrationEvent.SIDE_FAILED);
        }
        if (phase == MigrationPhase.SWITCHING_OVER && source.cutOff()) {
            return Optional.of(MigrationEvent.SOURCE_CUT_OFF);
        }
        if (source.in(EnumSet.of(SidePhase.SWITCHING_OVER, SidePhase.GRANTED))) {
            return ifBefore(MigrationPhase.SWITCHING_OVER, MigrationEvent.SWITCHOVER_BEGUN);
        }
        if (source.in(SidePhase.COPYING_MEMORY)) {
            return ifBefore(MigrationPhase.COPYING_MEMORY, MigrationEvent.MEMORY_COPYING);
        }
        if (source.in(SidePhase.COPYING_DISKS)) {
            return ifBefore(MigrationPhase.COPYING_DISKS, MigrationEvent.DISKS_COPYING);
        }
        boolean prepared = phase == MigrationPhase.PREPARING
                && destination.in(EnumSet.of(SidePhase.PREPARED, SidePhase.RECEIVING))
                && destination.report().map(MigrationReport::getTransferAddress).isPresent();
        return prepared && !outgoingOrdered ? Optional.of(MigrationEvent.DESTINATION_PREPARED) : Optional.empty();
    }

    /** Phases that are not ending are declared in their order. */
    private Optional<MigrationEvent> ifBefore(MigrationPhase later, MigrationEvent event) {
        return phase.compareTo(later) < 0 ? Optional.of(event) : Optional.empty();
    }
}
