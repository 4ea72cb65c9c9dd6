package io.longhaul.controlplane.completion;

import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.model.MigrationState;
import java.time.Duration;
import java.util.Set;

/**
 * A finished move with what both sides measured; measurements of a side that sent none are empty.
 *
 * @param diskNames every disk of the machine: one that nobody took a digest of must not count as verified
 */
public record Outcome(
        String migrationId,
        MigrationState state,
        String sourceHost,
        String destinationHost,
        Duration duration,
        Set<String> diskNames,
        SideMeasurements source,
        SideMeasurements destination) {

    public Outcome {
        diskNames = Set.copyOf(diskNames);
    }
}
