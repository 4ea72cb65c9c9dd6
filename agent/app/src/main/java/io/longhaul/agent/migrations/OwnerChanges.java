package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.vms.GuestProbes;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the store in step with what the engine's sides decided: a taken machine comes into it, a released one goes out
 * of it. Thread safe; called on the sides' threads and at the start. Everything here can be done again.
 */
public final class OwnerChanges {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerChanges.class);

    private static final Set<SidePhase> OWNER_DECIDED =
            EnumSet.of(SidePhase.TAKEN, SidePhase.COMPLETED, SidePhase.RELEASED, SidePhase.ABORTED);

    private final MigrationEngine engine;
    private final Ownership ownership;
    private final Arrivals arrivals;
    private final Departures departures;
    private final MachineFiles files;
    private final GuestProbes probes;
    private final ReportSink sink;

    public OwnerChanges(
            MigrationEngine engine,
            Ownership ownership,
            Arrivals arrivals,
            Departures departures,
            MachineFiles files,
            GuestProbes probes,
            ReportSink sink) {
        this.engine = engine;
        this.ownership = ownership;
        this.arrivals = arrivals;
        this.departures = departures;
        this.files = files;
        this.probes = probes;
        this.sink = sink;
    }

    /** Starts the engine and brings the store in step with what earlier runs left. */
    public void takeUp() {
        engine.start(this::onChange);
        engine.sides().forEach(this::onChange);
        for (ArrivalRecord arrival : arrivals.all()) {
            if (engine.find(arrival.migrationId()).isEmpty()) {
                settle(arrival);
            }
        }
    }

    /** The engine knows nothing of it: it was forgotten, it had ended, or it was being prepared. */
    private void settle(ArrivalRecord arrival) {
        if (arrival.taken()) {
            arrivals.remove(arrival.migrationId());
        } else if (!arrival.ended()) {
            end(arrival);
        }
    }

    /** The agent ended while it fetched the boot files. */
    private void end(ArrivalRecord arrival) {
        LOG.warn("The migration {} was being prepared when the agent ended; it is undone", arrival.migrationId());
        arrivals.put(arrival.asEnded(new ProblemDescription(
                ProblemCode.AGENT_RESTARTED,
                "The destination's agent was restarted while it prepared the machine's arrival",
                "a restart",
                "an agent that runs on",
                "")));
        var unused =
                engine.abort(arrival.migrationId(), arrival.vmId(), MigrationSide.Role.DESTINATION, arrival.epoch());
        sink.changed(arrival.migrationId());
    }

    /** A side has a new phase or new measurements. */
    void onChange(MigrationSide side) {
        try {
            settle(side);
        } finally {
            sink.changed(side.migrationId());
        }
    }

    /**
     * Brings the store in step with this side; returns only when it is. A side's thread must not wait for the machine's
     * lock while its guest is paused, so only phases that change an owner, or follow one, take it.
     *
     * @throws UncheckedIOException where the store cannot be written; the next call does what is missing
     */
    void settle(MigrationSide side) {
        if (OWNER_DECIDED.contains(side.status().phase())) {
            ownership.locks().with(side.guestId(), () -> {
                if (side.role() == MigrationSide.Role.DESTINATION) {
                    onDestination(side);
                } else {
                    onSource(side);
                }
                return side;
            });
        }
    }

    private void onDestination(MigrationSide side) {
        switch (side.status().phase()) {
            case TAKEN, COMPLETED ->
                arrivals.find(side.migrationId())
                        .filter(arrival -> !arrival.taken())
                        .ifPresent(this::take);
            case ABORTED ->
                arrivals.find(side.migrationId()).ifPresent(arrival -> {
                    files.removeSerialLog(arrival.machine());
                    if (!arrival.ended()) {
                        arrivals.put(arrival.asEnded(null));
                        files.sweep();
                    }
                });
            case PREPARING,
                    PREPARED,
                    RECEIVING,
                    COPYING_DISKS,
                    COPYING_MEMORY,
                    SWITCHING_OVER,
                    GRANTED,
                    RELEASED,
                    ABORTING,
                    REFUSED -> {
                // the owner is who it was
            }
        }
    }

    private void onSource(MigrationSide side) {
        switch (side.status().phase()) {
            case RELEASED, COMPLETED ->
                ownership
                        .store()
                        .find(side.guestId())
                        .filter(machine -> machine.epoch() <= side.epoch())
                        .ifPresent(machine -> release(side, machine));
            case ABORTED ->
                ownership
                        .store()
                        .find(side.guestId())
                        .filter(machine -> machine.epoch() < side.epoch())
                        .ifPresent(machine -> ownership.store().put(machine.withEpoch(side.epoch())));
            case PREPARING,
                    PREPARED,
                    RECEIVING,
                    TAKEN,
                    COPYING_DISKS,
                    COPYING_MEMORY,
                    SWITCHING_OVER,
                    GRANTED,
                    ABORTING,
                    REFUSED -> {
                // the owner is who it was
            }
        }
    }

    /** The machine is put first: were the mark first, a crash between would lose the machine. */
    private void take(ArrivalRecord arrival) {
        ownership.store().put(arrival.machine());
        arrivals.put(arrival.asTaken());
        LOG.info(
                "The machine {} ({}) is this host's from epoch {} on, by the migration {}",
                arrival.vmId(),
                arrival.machine().definition().getName(),
                arrival.epoch(),
                arrival.migrationId());
    }

    /** Written down where it went before it goes: its disks are found by that. */
    private void release(MigrationSide side, VmRecord machine) {
        // The move that brought it must never bring it again, should its mark have failed.
        arrivals.all().stream()
                .filter(arrival -> arrival.vmId().equals(machine.id()))
                .filter(arrival -> arrival.epoch() < side.epoch() && !arrival.taken() && !arrival.ended())
                .forEach(arrival -> arrivals.put(arrival.asTaken()));
        departures.put(new DepartureRecord(side.migrationId(), side.epoch(), machine));
        ownership.store().remove(machine.id());
        probes.forget(machine);
        files.sweep();
        LOG.info(
                "The machine {} ({}) has left this host in epoch {} by the migration {}",
                machine.id(),
                machine.definition().getName(),
                side.epoch(),
                side.migrationId());
    }
}
