package io.longhaul.controlplane.vms;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeState;
import io.longhaul.api.model.Vm;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.planning.Machine;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A machine at one moment: what is stored, and what its agent said lately. */
public record KnownVm(
        UUID id,
        String name,
        String host,
        long epoch,
        VmDefinition definition,
        Optional<String> activeMigration,
        Optional<AgentVm> observed) {

    public VmState state() {
        return observed.map(AgentVm::getState).orElse(VmState.UNKNOWN);
    }

    /** For planning; disks that nobody spoke of are empty. */
    public Machine machine() {
        return new Machine(
                name, host, state(), definition, observed.map(AgentVm::getDisks).orElse(List.of()));
    }

    Vm shown() {
        GuestProbe probe =
                observed.map(AgentVm::getGuestProbe).orElseGet(() -> new GuestProbe(GuestProbeState.NONE, 0L));
        return new Vm(id, host, state(), epoch, definition, probe).activeMigration(activeMigration.orElse(null));
    }
}
