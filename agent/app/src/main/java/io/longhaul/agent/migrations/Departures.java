package io.longhaul.agent.migrations;

import io.longhaul.agent.files.JsonFolder;
import io.longhaul.agent.vms.VmRecord;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** The records of machines that were moved away. Thread safe; durable when a call returns. */
public final class Departures {
    private final JsonFolder<DepartureRecord> records;

    public Departures(Path dataFolder, JsonMapper mapper) {
        records = new JsonFolder<>(dataFolder.resolve("released"), DepartureRecord.class, mapper);
    }

    Optional<DepartureRecord> find(String migrationId) {
        return records.get(migrationId);
    }

    void put(DepartureRecord departure) {
        records.put(departure.migrationId(), departure);
    }

    void remove(String migrationId) {
        records.remove(migrationId);
    }

    /** Disks of machines that have left: they may be deleted yet. */
    public Set<Path> disks() {
        return records.all().stream()
                .flatMap(departure -> departure.machine().disks().stream())
                .map(VmRecord.StoredDisk::path)
                .collect(Collectors.toSet());
    }
}
