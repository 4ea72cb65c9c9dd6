package io.longhaul.controlplane.vms;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.PutAgentVm;
import io.longhaul.api.model.CreateVm;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.Vm;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.agents.AgentAddress;
import io.longhaul.controlplane.agents.AgentClient;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;

/**
 * Makes and changes machines through their host's agent. Thread safe; blocks on the agent. What is to be done is stored
 * before the agent is told, so that every request may be repeated when its answer was lost.
 */
@Service
class VmRequests {

    private static final Logger log = LoggerFactory.getLogger(VmRequests.class);
    /** After these the agent may still have done the work, so the machine stays on record. */
    private static final Set<String> OUTCOME_UNKNOWN =
            Set.of(ProblemCode.AGENT_OFFLINE.name(), ProblemCode.AGENT_FAILED.name());

    private final VmRepository repository;
    private final Vms vms;
    private final VmObservations observations;
    private final Hosts hosts;
    private final AgentClient agents;
    private final Transactions transactions;
    private final Json json;

    VmRequests(
            VmRepository repository,
            Vms vms,
            VmObservations observations,
            Hosts hosts,
            AgentClient agents,
            Transactions transactions,
            Json json) {
        this.repository = repository;
        this.vms = vms;
        this.observations = observations;
        this.hosts = hosts;
        this.agents = agents;
        this.transactions = transactions;
        this.json = json;
    }

    /** @param newId used unless an earlier attempt at the same machine chose one */
    Vm create(CreateVm request, UUID newId) {
        VmDefinition definition = request.getDefinition();
        VmChecks.definition(definition);
        KnownHost host = hosts.requireOnline(request.getHost());
        boolean start = Boolean.TRUE.equals(request.getStart());
        Optional<VmEntity> earlier = transactions.call(() -> repository.findByName(definition.getName()));
        UUID id = earlier.map(vm -> continued(vm, request, newId)).orElse(newId);
        if (earlier.isEmpty()) {
            VmChecks.host(definition, host, start);
            record(id, request);
        }
        KnownVm made = make(id, host.agent());
        return start ? startNew(made) : made.shown();
    }

    /** Whoever is told that the start failed must learn that the machine is there, and how to go on with it. */
    private Vm startNew(KnownVm made) {
        try {
            return start(made.id().toString());
        } catch (ProblemException e) {
            String path = "/v1/vms/" + made.name();
            Problem problem = json.copy(e.problem());
            throw new ProblemException(problem.instance(path)
                    .detail("The machine " + made.name() + " was made on " + made.host() + " and exists now, but its "
                            + "start failed: " + problem.getDetail())
                    .action((problem.getAction() == null ? "" : problem.getAction() + " ")
                            + "Then start the machine with POST " + path + "/start, or delete it with DELETE " + path
                            + "."));
        }
    }

    Vm start(String nameOrId) {
        KnownVm vm = requireIdle(nameOrId);
        AgentVm answer = agents.startVm(agent(vm), vm.id(), vm.epoch());
        return seen(vm, answer).shown();
    }

    Vm stop(String nameOrId, boolean force) {
        KnownVm vm = requireIdle(nameOrId);
        AgentVm answer = agents.stopVm(agent(vm), vm.id(), vm.epoch(), force);
        return seen(vm, answer).shown();
    }

    void delete(String nameOrId) {
        KnownVm vm = requireIdle(nameOrId);
        if (vm.state() == VmState.RUNNING || vm.state() == VmState.PAUSED) {
            throw ProblemCode.VM_RUNNING.exception(
                    vm.name() + " is " + vm.state() + "; only a stopped machine can be deleted.",
                    vm.state().getValue(),
                    VmState.STOPPED.getValue());
        }
        agents.deleteVm(agent(vm), vm.id());
        transactions.run(() -> repository.findById(vm.id()).ifPresent(repository::delete));
        observations.forget(vm.id());
        log.info("Machine {} ({}) was deleted from {}", vm.name(), vm.id(), vm.host());
    }

    String serialLog(String nameOrId, int tailBytes) {
        KnownVm vm = vms.require(nameOrId);
        return agents.serialLog(agent(vm), vm.id(), tailBytes);
    }

    /** The same request again goes on with the machine it began; any other is too late for the name. */
    private UUID continued(VmEntity vm, CreateVm request, UUID newId) {
        boolean same = vm.host().equals(request.getHost())
                && vm.requestedDefinition().equals(json.write(request.getDefinition()));
        boolean mine = vm.lifecycle() == VmEntity.Lifecycle.CREATING || vm.id().equals(newId);
        if (same && mine) {
            return vm.id();
        }
        throw ProblemCode.VM_NAME_TAKEN.exception(
                "A machine named " + vm.name() + " is on " + vm.host() + " (" + vm.id() + ").",
                vm.name(),
                "a name no machine has");
    }

    private void record(UUID id, CreateVm request) {
        VmDefinition definition = request.getDefinition();
        try {
            transactions.run(() -> repository.saveAndFlush(
                    new VmEntity(id, definition.getName(), request.getHost(), json.write(definition))));
        } catch (DataIntegrityViolationException e) {
            throw ProblemCode.VM_NAME_TAKEN.exception(
                    "A machine named " + definition.getName() + " is being made by another request.",
                    definition.getName(),
                    "a name no machine has");
        }
    }

    private KnownVm make(UUID id, AgentAddress agent) {
        VmEntity vm = vms.entity(id.toString());
        if (vm.lifecycle() == VmEntity.Lifecycle.READY) {
            return vms.known(vm);
        }
        AgentVm answer;
        try {
            answer =
                    agents.putVm(agent, id, new PutAgentVm(json.read(vm.definition(), VmDefinition.class), vm.epoch()));
        } catch (ProblemException e) {
            if (!OUTCOME_UNKNOWN.contains(e.problem().getCode())) {
                transactions.run(() -> repository.findById(id).ifPresent(repository::delete));
            }
            throw e;
        }
        transactions.run(
                () -> vms.entity(id.toString()).created(json.write(answer.getDefinition()), answer.getState()));
        observations.answered(agent.host(), answer);
        log.info("Machine {} ({}) was made on {}", vm.name(), id, agent.host());
        return vms.require(id.toString());
    }

    private KnownVm requireIdle(String nameOrId) {
        KnownVm vm = vms.require(nameOrId);
        vm.activeMigration().ifPresent(migration -> {
            throw Vms.alreadyMigrating(vm.name(), migration);
        });
        hosts.requireOnline(vm.host());
        return vm;
    }

    private KnownVm seen(KnownVm vm, AgentVm answer) {
        observations.answered(vm.host(), answer);
        return vms.require(vm.id().toString());
    }

    private AgentAddress agent(KnownVm vm) {
        return hosts.require(vm.host()).agent();
    }
}
