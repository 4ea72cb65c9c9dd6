package io.longhaul.controlplane.vms;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.agents.AgentListener;
import io.longhaul.controlplane.config.HostsProperties;
import io.longhaul.controlplane.support.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * What agents said last about their machines. Thread safe; soft state, filled again by the first heartbeats after a
 * restart. Bounded by the machines of the hosts: what a host no longer speaks of grows old and is passed over.
 */
@Component
@Order(2)
class VmObservations implements AgentListener {

    private record Observation(String host, Instant at, Instant firmUntil, AgentVm vm) {}

    private final VmRepository repository;
    private final Transactions transactions;
    private final HostsProperties properties;
    private final Clock clock;
    private final ConcurrentHashMap<UUID, Observation> observations = new ConcurrentHashMap<>();

    VmObservations(VmRepository repository, Transactions transactions, HostsProperties properties, Clock clock) {
        this.repository = repository;
        this.transactions = transactions;
        this.properties = properties;
        this.clock = clock;
    }

    @Override
    public void onHeartbeat(String host, Heartbeat heartbeat) {
        heartbeat.getVms().forEach(vm -> observe(host, vm, Instant.MIN));
        Instant longAgo = clock.instant().minus(properties.offlineAfter().multipliedBy(2));
        observations.values().removeIf(observation -> observation.at().isBefore(longAgo));
    }

    /** The agent's answer to a command or question about the machine. */
    void answered(String host, AgentVm vm) {
        observe(host, vm, clock.instant().plus(properties.heartbeatInterval()));
    }

    /**
     * During a move both hosts speak of the machine; the observation is kept only where the host owns it, which is
     * asked of the store when the speaker changes.
     */
    private void observe(String host, AgentVm said, Instant firmUntil) {
        Observation known = observations.get(said.getId());
        if (known != null && known.host().equals(host)) {
            AgentVm vm = firm(said, known.vm().getState());
            if (known.vm().getState() == vm.getState()) {
                keep(new Observation(host, clock.instant(), firmUntil, vm));
                return;
            }
        }
        transactions.run(() -> repository
                .findById(said.getId())
                .filter(entity -> entity.host().equals(host))
                .ifPresent(entity -> {
                    AgentVm vm = firm(said, entity.lastState());
                    if (keep(new Observation(host, clock.instant(), firmUntil, vm))
                            && entity.lastState() != vm.getState()) {
                        entity.observed(vm.getState());
                    }
                }));
    }

    /**
     * A heartbeat that was put together before a command was answered can arrive after it, and must not undo it; nor may
     * the source's, whose owner was asked of the store just before a hand-over, undo what is known of the move.
     */
    private boolean keep(Observation newer) {
        Observation kept = observations.merge(newer.vm().getId(), newer, (known, said) -> {
            boolean firm =
                    known.firmUntil().isAfter(said.firmUntil()) && said.at().isBefore(known.firmUntil());
            if (!firm) {
                return said;
            }
            boolean agrees = known.host().equals(said.host())
                    && known.vm().getState() == said.vm().getState();
            return agrees ? new Observation(said.host(), said.at(), known.firmUntil(), said.vm()) : known;
        });
        return kept.vm() == newer.vm();
    }

    /** The agent is there and its hypervisor has not answered it in time: what was known last stands. */
    private static AgentVm firm(AgentVm said, VmState last) {
        if (said.getState() != VmState.UNKNOWN) {
            return said;
        }
        return new AgentVm(
                said.getId(),
                said.getEpoch(),
                last,
                said.getDefinition(),
                said.getDisks(),
                said.getBootFiles(),
                said.getGuestProbe());
    }

    void moved(String host, AgentVm vm) {
        Instant now = clock.instant();
        observations.put(vm.getId(), new Observation(host, now, now.plus(properties.heartbeatInterval()), vm));
    }

    /** What the host said of it, if that is recent. */
    Optional<AgentVm> of(UUID vm, String host) {
        Instant stale = clock.instant().minus(properties.offlineAfter());
        return Optional.ofNullable(observations.get(vm))
                .filter(observation ->
                        observation.host().equals(host) && observation.at().isAfter(stale))
                .map(Observation::vm);
    }

    void forget(UUID vm) {
        observations.remove(vm);
    }
}
