package io.longhaul.agent.wiring;

import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Adds up what this host's sides put on the wire, also of those that are forgotten. Thread safe; bounded by the sides. */
final class WireBytes {
    private final MigrationEngine engine;
    private final Map<String, Long> counted = new HashMap<>();
    private long total;

    WireBytes(MigrationEngine engine) {
        this.engine = engine;
    }

    /** Must be called at least once between a migration's end and its being forgotten, or a part is not counted. */
    synchronized long update() {
        for (MigrationSide side : engine.sides()) {
            long bytes = side.status().progress().bytesOnWire();
            Long before = counted.put(side.migrationId(), bytes);
            total += Math.max(0, bytes - (before == null ? 0 : before));
        }
        counted.keySet()
                .retainAll(
                        engine.sides().stream().map(MigrationSide::migrationId).collect(Collectors.toSet()));
        return total;
    }
}
