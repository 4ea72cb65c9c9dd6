package io.longhaul.agent.vms;

import io.longhaul.agent.files.JsonFolder;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** The records of the machines this host owns, one file each. Thread safe; durable when a call returns. */
public final class VmStore {
    private final JsonFolder<VmRecord> records;

    public VmStore(Path dataFolder, JsonMapper mapper) {
        records = new JsonFolder<>(dataFolder.resolve("vms"), VmRecord.class, mapper);
    }

    public Optional<VmRecord> find(UUID id) {
        return records.get(id.toString());
    }

    public VmRecord require(UUID id) {
        return find(id).filter(VmRecord::complete)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.NO_SUCH_VM,
                        "No machine " + id + " on this host",
                        "the machine " + id,
                        "a machine this host owns"));
    }

    public List<VmRecord> all() {
        return records.all();
    }

    public void put(VmRecord machine) {
        records.put(machine.id().toString(), machine);
    }

    public void remove(UUID id) {
        records.remove(id.toString());
    }
}
