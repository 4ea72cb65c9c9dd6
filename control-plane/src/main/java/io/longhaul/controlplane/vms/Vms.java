package io.longhaul.controlplane.vms;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeKind;
import io.longhaul.api.model.GuestProbeState;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Json;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The machines as other stages see and change them. Thread safe; changes join the caller's transaction. */
@Service
public class Vms {

    private final VmRepository repository;
    private final VmObservations observations;
    private final Json json;

    Vms(VmRepository repository, VmObservations observations, Json json) {
        this.repository = repository;
        this.observations = observations;
        this.json = json;
    }

    public KnownVm require(String nameOrId) {
        return known(entity(nameOrId));
    }

    public Optional<KnownVm> find(UUID id) {
        return repository.findById(id).map(this::known);
    }

    /** What the machine's host just said of it. */
    public void observe(String host, AgentVm vm) {
        observations.answered(host, vm);
    }

    /** Makes the machine the migration's; only one at a time can have it. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(UUID id, String migrationId) {
        VmEntity vm = entity(id.toString());
        if (vm.lifecycle() == VmEntity.Lifecycle.CREATING) {
            throw ProblemCode.VM_NOT_RUNNING.exception(vm.name() + " has not been made completely.");
        }
        if (vm.activeMigration() != null) {
            throw alreadyMigrating(vm.name(), vm.activeMigration());
        }
        vm.lock(migrationId);
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void unlock(UUID id, String migrationId) {
        repository
                .findById(id)
                .filter(vm -> migrationId.equals(vm.activeMigration()))
                .ifPresent(vm -> vm.lock(null));
    }

    /** Counts up, so that commands of earlier attempts are refused from now on. */
    @Transactional(propagation = Propagation.MANDATORY)
    public long nextEpoch(UUID id) {
        return entity(id.toString()).nextEpoch();
    }

    /** The machine is the destination's from now on, as the destination describes it. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void handOver(UUID id, String host, VmDefinition definition) {
        VmEntity vm = entity(id.toString());
        Optional<AgentVm> before = observations.of(id, vm.host());
        vm.handedOver(host, json.write(definition));
        // Until the destination's first heartbeat, what is known of the move itself: it runs there.
        before.ifPresent(seen -> observations.moved(
                host,
                new AgentVm(
                        id,
                        vm.epoch(),
                        VmState.RUNNING,
                        definition,
                        seen.getDisks(),
                        seen.getBootFiles(),
                        new GuestProbe(
                                definition.getGuestProbe() == GuestProbeKind.SERIAL
                                        ? GuestProbeState.WAITING
                                        : GuestProbeState.NONE,
                                0L))));
    }

    static ProblemException alreadyMigrating(String name, String migrationId) {
        return ProblemCode.VM_ALREADY_MIGRATING.exception(
                name + " is in the migration " + migrationId + ".",
                "migration " + migrationId,
                "a machine in no migration");
    }

    VmEntity entity(String nameOrId) {
        Optional<VmEntity> byId = id(nameOrId).flatMap(repository::findById);
        return byId.or(() -> repository.findByName(nameOrId))
                .orElseThrow(() -> ProblemCode.NO_SUCH_VM.exception(
                        "No machine has the name or id " + nameOrId + ".", nameOrId, "a name or id of GET /v1/vms"));
    }

    KnownVm known(VmEntity vm) {
        return new KnownVm(
                vm.id(),
                vm.name(),
                vm.host(),
                vm.epoch(),
                json.read(vm.definition(), VmDefinition.class),
                Optional.ofNullable(vm.activeMigration()),
                observations.of(vm.id(), vm.host()));
    }

    private static Optional<UUID> id(String text) {
        try {
            UUID id = UUID.fromString(text);
            return id.toString().equals(text) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
