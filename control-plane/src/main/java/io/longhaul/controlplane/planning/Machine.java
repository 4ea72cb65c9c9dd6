package io.longhaul.controlplane.planning;

import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import java.util.List;

/** The machine to be moved, as its host's agent last described it. */
public record Machine(String name, String host, VmState state, VmDefinition definition, List<DiskState> disks) {

    public Machine {
        disks = List.copyOf(disks);
    }
}
