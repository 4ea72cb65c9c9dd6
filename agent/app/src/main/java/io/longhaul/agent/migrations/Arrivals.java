package io.longhaul.agent.migrations;

import io.longhaul.agent.files.JsonFolder;
import io.longhaul.agent.vms.FilesInUse;
import io.longhaul.agent.vms.VmRecord;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** The records of arriving machines. Thread safe; durable when a call returns. */
public final class Arrivals implements FilesInUse {
    private final JsonFolder<ArrivalRecord> records;

    public Arrivals(Path dataFolder, JsonMapper mapper) {
        records = new JsonFolder<>(dataFolder.resolve("incoming"), ArrivalRecord.class, mapper);
    }

    Optional<ArrivalRecord> find(String migrationId) {
        return records.get(migrationId);
    }

    List<ArrivalRecord> all() {
        return records.all();
    }

    void put(ArrivalRecord arrival) {
        records.put(arrival.migrationId(), arrival);
    }

    void remove(String migrationId) {
        records.remove(migrationId);
    }

    /** The machine that is to arrive under this id, if any is known. */
    public Optional<VmRecord> machine(UUID vmId) {
        return records.all().stream()
                .filter(arrival -> arrival.vmId().equals(vmId) && !arrival.ended())
                .map(ArrivalRecord::machine)
                .findFirst();
    }

    /** Machines that were promised a place here and are not yet this host's. */
    public List<VmRecord> promised() {
        return records.all().stream()
                .filter(arrival -> !arrival.ended() && !arrival.taken())
                .map(ArrivalRecord::machine)
                .toList();
    }

    @Override
    public Set<Path> disks() {
        Set<Path> files = new HashSet<>();
        records.all().stream()
                .filter(arrival -> !arrival.taken())
                .forEach(arrival -> arrival.files().forEach(files::add));
        return files;
    }

    @Override
    public Set<String> bootFiles() {
        Set<String> names = new HashSet<>();
        records.all().stream()
                .filter(arrival -> !arrival.taken() && !arrival.ended())
                .forEach(arrival -> arrival.machine().bootFiles().forEach(file -> names.add(file.sha256())));
        return names;
    }
}
