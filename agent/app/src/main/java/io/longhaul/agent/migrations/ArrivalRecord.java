package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.vms.VmRecord;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What this host keeps of a machine that is to arrive, from the command until the migration is forgotten. Immutable.
 *
 * @param commandDigest tells the same command from another under the same id, without keeping its secret
 * @param machine the record the machine will have once it is this host's
 * @param ended whether it was ended before the engine had it: it then never gets it
 * @param failure why it was, where nobody asked for it
 * @param taken whether the machine was put into the store: that happens once, also across restarts
 */
record ArrivalRecord(
        String migrationId,
        long epoch,
        String commandDigest,
        VmRecord machine,
        boolean ended,
        @Nullable ProblemDescription failure,
        boolean taken) {

    UUID vmId() {
        return machine.id();
    }

    ArrivalRecord asEnded(@Nullable ProblemDescription why) {
        return new ArrivalRecord(migrationId, epoch, commandDigest, machine, true, why, taken);
    }

    ArrivalRecord asTaken() {
        return new ArrivalRecord(migrationId, epoch, commandDigest, machine, ended, failure, true);
    }
}
