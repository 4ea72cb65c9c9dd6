package io.longhaul.agent.vms;

import io.longhaul.agent.vms.GuestHost.GuestState;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.BootFile;
import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.model.VmState;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Shows machines as the API does, as they are now. Thread safe; asks the hypervisor and the file system. */
public final class VmReports {
    private final Machines machines;
    private final GuestProbes probes;
    private final AllocatedBytes allocated;
    private final GuestStates states;

    public VmReports(Machines machines, GuestStates states, GuestProbes probes, AllocatedBytes allocated) {
        this.machines = machines;
        this.states = states;
        this.probes = probes;
        this.allocated = allocated;
    }

    /** Answers soon, whatever a hypervisor does. */
    public List<AgentVm> all() {
        List<VmRecord> records = machines.all();
        return of(records, states(records));
    }

    /** Waits for the machine's hypervisor: whoever gave a command wants to know what came of it. */
    public AgentVm of(VmRecord machine) {
        return of(List.of(machine), Map.of(machine.id(), machines.state(machine)))
                .get(0);
    }

    /** How many machines are in each state. Answers soon. */
    public Map<VmState, Long> counts() {
        return states(machines.all()).values().stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private Map<UUID, VmState> states(List<VmRecord> records) {
        Map<UUID, GuestState> answers =
                states.ofAll(records.stream().map(VmRecord::id).toList());
        Map<UUID, VmState> found = new HashMap<>();
        for (VmRecord machine : records) {
            GuestState answer = answers.get(machine.id());
            found.put(machine.id(), answer == null ? VmState.UNKNOWN : Machines.state(machine, answer));
        }
        return found;
    }

    private List<AgentVm> of(List<VmRecord> records, Map<UUID, VmState> found) {
        List<Path> files = records.stream()
                .flatMap(machine -> machine.disks().stream())
                .map(StoredDisk::path)
                .toList();
        Map<Path, Long> bytes = allocated.of(files);
        return records.stream()
                .map(machine -> report(machine, found.getOrDefault(machine.id(), VmState.UNKNOWN), bytes))
                .toList();
    }

    private AgentVm report(VmRecord machine, VmState state, Map<Path, Long> bytes) {
        List<DiskState> disks = machine.disks().stream()
                .map(disk -> new DiskState(disk.name(), disk.sizeBytes(), bytes.getOrDefault(disk.path(), 0L)))
                .toList();
        List<BootFile> bootFiles = machine.bootFiles().stream()
                .map(file -> new BootFile(file.kind(), file.sizeBytes(), file.sha256()))
                .toList();
        return new AgentVm(
                machine.id(), machine.epoch(), state, machine.definition(), disks, bootFiles, probes.probe(machine));
    }
}
