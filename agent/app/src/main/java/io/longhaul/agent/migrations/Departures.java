package io.longhaul.agent.migrations;

import io.longhaul.agent.files.JsonFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

    List<DepartureRecord> all() {
        return records.all();
    }
}
