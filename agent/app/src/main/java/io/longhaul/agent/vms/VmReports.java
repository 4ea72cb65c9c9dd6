package io.longhaul.agent.vms;

import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.BootFile;
import io.longhaul.api.agent.model.DiskState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Shows machines as the API does, as they are now. Thread safe; asks the hypervisor and the file system. */
public final class VmReports {
    private final Machines machines;
    private final GuestProbes probes;
    private final AllocatedBytes allocated;

    public VmReports(Machines machines, GuestProbes probes, AllocatedBytes allocated) {
        this.machines = machines;
        this.probes = probes;
        this.allocated = allocated;
    }

    public List<AgentVm> all() {
        return of(machines.all());
    }

    public AgentVm of(VmRecord machine) {
        return of(List.of(machine)).get(0);
    }

    private List<AgentVm> of(List<VmRecord> records) {
        List<Path> files = records.stream()
                .flatMap(machine -> machine.disks().stream())
                .map(StoredDisk::path)
                .toList();
        Map<Path, Long> bytes = allocated.of(files);
        return records.stream().map(machine -> report(machine, bytes)).toList();
    }

    private AgentVm report(VmRecord machine, Map<Path, Long> bytes) {
        List<DiskState> disks = machine.disks().stream()
                .map(disk -> new DiskState(disk.name(), disk.sizeBytes(), bytes.getOrDefault(disk.path(), 0L)))
                .toList();
        List<BootFile> bootFiles = machine.bootFiles().stream()
                .map(file -> new BootFile(file.kind(), file.sizeBytes(), file.sha256()))
                .toList();
        return new AgentVm(
                machine.id(),
                machine.epoch(),
                machines.state(machine),
                machine.definition(),
                disks,
                bootFiles,
                probes.probe(machine));
    }
}
