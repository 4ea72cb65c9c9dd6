package io.longhaul.agent.vms;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.api.agent.AgentVmsApi;
import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.AgentVmList;
import io.longhaul.api.agent.model.BootFileKind;
import io.longhaul.api.agent.model.PutAgentVm;
import java.util.UUID;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Serves the commands for single machines. Thread safe. */
@RestController
class AgentVmsController implements AgentVmsApi {
    private final Machines machines;
    private final VmReports reports;
    private final BootFileStore bootFiles;

    AgentVmsController(Machines machines, VmReports reports, BootFileStore bootFiles) {
        this.machines = machines;
        this.reports = reports;
        this.bootFiles = bootFiles;
    }

    @Override
    public ResponseEntity<AgentVmList> listAgentVms() {
        return ResponseEntity.ok(new AgentVmList(reports.all()));
    }

    @Override
    public ResponseEntity<AgentVm> getAgentVm(UUID vmId) {
        return ResponseEntity.ok(reports.of(machines.require(vmId)));
    }

    @Override
    public ResponseEntity<AgentVm> putAgentVm(UUID vmId, PutAgentVm command) {
        return ResponseEntity.ok(reports.of(machines.put(vmId, command.getDefinition(), command.getEpoch())));
    }

    @Override
    public ResponseEntity<Void> deleteAgentVm(UUID vmId) {
        machines.delete(vmId);
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<AgentVm> startAgentVm(Long epoch, UUID vmId) {
        return ResponseEntity.ok(reports.of(machines.start(vmId, epoch)));
    }

    @Override
    public ResponseEntity<AgentVm> stopAgentVm(Long epoch, UUID vmId, Boolean force) {
        return ResponseEntity.ok(reports.of(machines.stop(vmId, epoch, force)));
    }

    @Override
    public ResponseEntity<String> getAgentSerialLog(UUID vmId, Integer tailBytes) {
        return ResponseEntity.ok(SerialLogTail.read(machines.require(vmId).serialLog(), tailBytes));
    }

    @Override
    public ResponseEntity<Resource> getAgentBootFile(UUID vmId, BootFileKind kind) {
        VmRecord machine = machines.require(vmId);
        StoredBootFile file = machine.bootFile(kind)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.NO_SUCH_BOOT_FILE,
                        "The machine " + vmId + " has no file of the kind " + kind,
                        kind.getValue(),
                        "one of "
                                + machine.bootFiles().stream()
                                        .map(StoredBootFile::kind)
                                        .toList()));
        return ResponseEntity.ok(new FileSystemResource(bootFiles.path(file)));
    }
}
