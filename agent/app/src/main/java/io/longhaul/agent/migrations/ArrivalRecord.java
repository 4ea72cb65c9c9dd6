package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.vms.VmRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What this host keeps of a machine that is to arrive, from the command until the migration is forgotten. Immutable.
 *
 * @param commandDigest tells the same command from another under the same id, without keeping its secret
 * @param machine the record the machine will have once it is this host's
 * @param ended whether it was ended before the engine had it, which then never gets it, or was undone by the engine
 * @param failure why it was, where nobody asked for it
 * @param claimed files besides its disks' that it will take over; empty in the records of older agents
 * @param taken whether the machine was put into the store: that happens once, also across restarts
 */
record ArrivalRecord(
        String migrationId,
        long epoch,
        String commandDigest,
        VmRecord machine,
        @Nullable List<String> claimed,
        boolean ended,
        @Nullable ProblemDescription failure,
        boolean taken) {

    /** Of a machine that has just been promised a place here. */
    static ArrivalRecord planned(
            String migrationId, long epoch, String commandDigest, VmRecord machine, List<String> claimed) {
        return new ArrivalRecord(migrationId, epoch, commandDigest, machine, claimed, false, null, false);
    }

    /** Every file that is or will be one of its disks. One that has ended takes nothing over any more. */
    Stream<Path> files() {
        return Stream.concat(
                machine.disks().stream().map(VmRecord.StoredDisk::path),
                claimed == null || ended ? Stream.of() : claimed.stream().map(Path::of));
    }

    UUID vmId() {
        return machine.id();
    }

    ArrivalRecord asEnded(@Nullable ProblemDescription why) {
        return new ArrivalRecord(migrationId, epoch, commandDigest, machine, claimed, true, why, taken);
    }

    ArrivalRecord asTaken() {
        return new ArrivalRecord(migrationId, epoch, commandDigest, machine, claimed, ended, failure, true);
    }
}
