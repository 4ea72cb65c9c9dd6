package io.longhaul.agent.vms;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.GuestHost.GuestState;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands for single machines. Thread safe; one command of a machine at a time. */
public final class Machines {
    private static final Logger LOG = LoggerFactory.getLogger(Machines.class);

    private final VmStore store;
    private final EpochFence fence;
    private final VmLocks locks;
    private final MachineFiles files;
    private final GuestDefinitions guests;
    private final GuestHost host;
    private final MigrationHold hold;
    private final GuestProbes probes;
    private final Duration stopTimeout;

    public Machines(
            Ownership ownership,
            MachineFiles files,
            GuestDefinitions guests,
            GuestHost host,
            GuestProbes probes,
            Duration stopTimeout) {
        this.probes = probes;
        this.store = ownership.store();
        this.fence = ownership.fence();
        this.locks = ownership.locks();
        this.hold = ownership.hold();
        this.files = files;
        this.guests = guests;
        this.host = host;
        this.stopTimeout = stopTimeout;
    }

    /** Undoes what an earlier run began to make and did not finish. Call once, before any command. */
    public void takeUp() {
        for (VmRecord machine : store.all()) {
            if (!machine.complete()) {
                LOG.warn("Undoing the machine {} ({}), whose making was cut off", machine.id(), name(machine));
                files.undo(machine);
            }
        }
        files.sweep();
    }

    /** Makes the machine; the same definition again changes nothing. */
    public VmRecord put(UUID id, VmDefinition definition, long epoch) {
        return locks.with(id, () -> {
            fence.admit(id, epoch);
            VmRecord known = store.find(id).orElse(null);
            if (known == null) {
                requireFree(id);
                return files.make(id, definition, epoch);
            }
            if (!definition.equals(known.requested())) {
                throw new ProblemException(
                        ProblemCode.COMMAND_CONFLICT,
                        "The machine " + id + " is already here with another definition",
                        "another definition",
                        "the definition it was made with");
            }
            return known;
        });
    }

    /** Starts the guest; one that runs stays as it is. */
    public VmRecord start(UUID id, long epoch) {
        return locks.with(id, () -> {
            VmRecord machine = store.require(id);
            fence.admit(id, epoch);
            requireFree(id);
            if (host.state(id) != GuestState.ABSENT) {
                return remember(machine.withStartWanted(true));
            }
            files.requireMemory(machine);
            VmRecord wanted = remember(machine.withStartWanted(true));
            // What the guest said in an earlier life is not about this one.
            probes.forget(machine);
            try {
                host.start(guests.of(wanted));
                LOG.info("Started the machine {} ({})", id, name(machine));
                return wanted;
            } catch (HypervisorException e) {
                remember(machine.withStartWanted(false));
                throw hypervisorFailed("The machine " + name(machine) + " could not be started", e);
            }
        });
    }

    /** Stops the guest; one that does not run stays as it is. */
    public VmRecord stop(UUID id, long epoch, boolean force) {
        return locks.with(id, () -> {
            VmRecord machine = store.require(id);
            fence.admit(id, epoch);
            requireFree(id);
            VmRecord stopped = remember(machine.withStartWanted(false));
            try {
                host.stop(id, force, stopTimeout);
                LOG.info("Stopped the machine {} ({})", id, name(machine));
                return stopped;
            } catch (HypervisorException e) {
                throw stopFailed(machine, e);
            }
        });
    }

    /** Removes the machine and what was made for it; idempotent. */
    public void delete(UUID id) {
        locks.with(id, () -> {
            requireFree(id);
            store.find(id).ifPresent(this::delete);
            return id;
        });
    }

    private void delete(VmRecord machine) {
        if (host.state(machine.id()) != GuestState.ABSENT) {
            throw new ProblemException(
                    ProblemCode.VM_RUNNING,
                    "The machine " + name(machine) + " cannot be deleted while it runs",
                    "a running guest",
                    "a stopped one");
        }
        try {
            // A hypervisor that was killed leaves its sockets behind.
            host.stop(machine.id(), true, stopTimeout);
        } catch (HypervisorException e) {
            throw hypervisorFailed("What is left of the guest of " + name(machine) + " could not be removed", e);
        }
        probes.forget(machine);
        files.undo(machine);
        LOG.info("Deleted the machine {} ({})", machine.id(), name(machine));
    }

    public VmRecord require(UUID id) {
        return store.require(id);
    }

    public List<VmRecord> all() {
        return store.all().stream().filter(VmRecord::complete).toList();
    }

    /** What the machine is now; a guest that should run and does not has failed. */
    public VmState state(VmRecord machine) {
        return state(machine, host.state(machine.id()));
    }

    static VmState state(VmRecord machine, GuestState guest) {
        return switch (guest) {
            case RUNNING -> VmState.RUNNING;
            case PAUSED -> VmState.PAUSED;
            case BROKEN -> VmState.FAILED;
            case ABSENT -> machine.startWanted() ? VmState.FAILED : VmState.STOPPED;
        };
    }

    /** The guest switched itself off: that is no failure. */
    public void onPoweredOff(UUID id) {
        locks.with(id, () -> {
            store.find(id)
                    .filter(machine -> hold.holderOf(id).isEmpty() && host.state(id) == GuestState.ABSENT)
                    .ifPresent(machine -> remember(machine.withStartWanted(false)));
            return id;
        });
    }

    private VmRecord remember(VmRecord machine) {
        long epoch = Math.max(machine.epoch(), fence.highest(machine.id()));
        VmRecord newest = machine.withEpoch(epoch);
        if (!newest.equals(store.find(machine.id()).orElse(null))) {
            store.put(newest);
        }
        return newest;
    }

    private void requireFree(UUID id) {
        hold.holderOf(id).ifPresent(migration -> {
            throw new ProblemException(
                    ProblemCode.VM_IN_MIGRATION,
                    "The machine " + id + " is held by the migration " + migration,
                    "the migration " + migration,
                    "no migration of the machine");
        });
    }

    private static ProblemException stopFailed(VmRecord machine, HypervisorException e) {
        if (e.code() == HypervisorException.Code.TIMED_OUT) {
            return new ProblemException(
                    new ProblemDescription(
                            ProblemCode.VM_DID_NOT_STOP,
                            "The guest of " + name(machine) + " was asked to power off and has not",
                            "a running guest",
                            "a guest that powers off",
                            String.valueOf(e.getMessage())),
                    e);
        }
        return hypervisorFailed("The machine " + name(machine) + " could not be stopped", e);
    }

    static ProblemException hypervisorFailed(String detail, HypervisorException e) {
        ProblemCode code = e.code() == HypervisorException.Code.NO_SPACE
                ? ProblemCode.NOT_ENOUGH_SPACE
                : ProblemCode.HYPERVISOR_FAILED;
        return new ProblemException(
                new ProblemDescription(
                        code, detail, e.code().name(), "a command that succeeds", String.valueOf(e.getMessage())),
                e);
    }

    private static String name(VmRecord machine) {
        return machine.definition().getName();
    }

    /** What decides who may do what with a machine. */
    public record Ownership(VmStore store, EpochFence fence, VmLocks locks, MigrationHold hold) {}
}
