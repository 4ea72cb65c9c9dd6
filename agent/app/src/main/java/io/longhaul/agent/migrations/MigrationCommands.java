package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends, resolves and forgets sides. Thread safe. */
public final class MigrationCommands {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationCommands.class);

    /** The machine of a migration that was ended before this host heard of it. */
    private static final UUID UNKNOWN_MACHINE = new UUID(0, 0);

    private final MigrationEngine engine;
    private final Ownership ownership;
    private final IncomingCommands incoming;
    private final OwnerChanges owners;
    private final OldEpochs oldEpochs;
    private final Arrivals arrivals;
    private final Departures departures;
    private final MachineFiles files;

    public MigrationCommands(
            MigrationEngine engine,
            Ownership ownership,
            IncomingCommands incoming,
            OwnerChanges owners,
            OldEpochs oldEpochs,
            Arrivals arrivals,
            Departures departures,
            MachineFiles files) {
        this.engine = engine;
        this.ownership = ownership;
        this.incoming = incoming;
        this.owners = owners;
        this.oldEpochs = oldEpochs;
        this.arrivals = arrivals;
        this.departures = departures;
        this.files = files;
    }

    /** Ends a side; an id never seen is closed. */
    void abort(String migrationId, MigrationSide.Role role, long epoch) {
        arrivals.find(migrationId).ifPresent(arrival -> {
            requireEpoch(arrival.epoch(), epoch, migrationId);
            IncomingCommands.requireSame(role == MigrationSide.Role.DESTINATION, migrationId);
            incoming.end(migrationId, null);
        });
        UUID guest = engine.find(migrationId)
                .map(side -> {
                    requireEpoch(side.epoch(), epoch, migrationId);
                    IncomingCommands.requireSame(side.role() == role, migrationId);
                    return side.guestId();
                })
                .orElse(UNKNOWN_MACHINE);
        var unused = engine.abort(migrationId, guest, role, epoch);
    }

    /** Tells a source what the destination decided. */
    void resolve(String migrationId, long epoch, Decision decision) {
        MigrationSide side = engine.find(migrationId).orElseThrow(() -> unknown(migrationId));
        requireEpoch(side.epoch(), epoch, migrationId);
        IncomingCommands.requireSame(side.role() == MigrationSide.Role.SOURCE, migrationId);
        LOG.info("The migration {} is resolved from outside: {}", migrationId, decision);
        side.resolve(decision);
    }

    /** Forgets an ended migration; the disks a machine left here are deleted first where that is told. */
    void forget(String migrationId, boolean deleteSourceDisks) {
        requireEnded(migrationId);
        // The observer of the engine may have failed, and nobody could be told. What the engine forgets now is the
        // last that says whose the machine is: a failure here must reach the caller, who will come again.
        engine.find(migrationId).ifPresent(owners::settle);
        departures.find(migrationId).ifPresent(departure -> settle(departure, deleteSourceDisks));
        if (!engine.forget(migrationId)) {
            throw notEnded(migrationId);
        }
        arrivals.find(migrationId).filter(arrival -> !arrival.taken()).ifPresent(arrival -> {
            files.removeSerialLog(arrival.machine());
            arrivals.remove(migrationId);
            files.sweep();
        });
        arrivals.remove(migrationId);
        oldEpochs.prune();
    }

    private void settle(DepartureRecord departure, boolean deleteSourceDisks) {
        ownership.locks().with(departure.machine().id(), () -> {
            files.removeSerialLog(departure.machine());
            removeRemains(departure.machine().id());
            if (deleteSourceDisks) {
                files.removeDisks(departure.machine(), true);
                departures.remove(departure.migrationId());
                LOG.info(
                        "Deleted the disks that {} left here by the migration {}",
                        departure.machine().definition().getName(),
                        departure.migrationId());
            }
            return departure;
        });
    }

    /** A hypervisor that was killed leaves its files behind. The machine may have come back, or be coming. */
    private void removeRemains(UUID guest) {
        if (ownership.store().find(guest).isEmpty()
                && ownership.hold().holderOf(guest).isEmpty()) {
            files.removeRemains(guest);
        }
    }

    private void requireEnded(String migrationId) {
        boolean underWay = engine.find(migrationId)
                .map(side -> !side.status().phase().terminal())
                .orElseGet(() -> arrivals.find(migrationId)
                        .map(arrival -> !arrival.ended())
                        .orElse(false));
        if (underWay) {
            throw notEnded(migrationId);
        }
    }

    static void requireEpoch(long known, long given, String migrationId) {
        if (known != given) {
            throw new ProblemException(
                    given < known ? ProblemCode.STALE_EPOCH : ProblemCode.COMMAND_CONFLICT,
                    "The command for the migration " + migrationId + " is of another epoch",
                    "epoch " + given,
                    "epoch " + known);
        }
    }

    static ProblemException unknown(String migrationId) {
        return new ProblemException(
                ProblemCode.NO_SUCH_MIGRATION,
                "No migration " + migrationId + " on this host",
                "the migration " + migrationId,
                "a migration this host has a side of");
    }

    private static ProblemException notEnded(String migrationId) {
        return new ProblemException(
                ProblemCode.MIGRATION_NOT_ENDED,
                "The migration " + migrationId + " cannot be forgotten while it is under way",
                "a migration under way",
                "one that has ended");
    }
}
