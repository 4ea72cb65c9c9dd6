package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.Problem;
import java.util.Optional;
import java.util.Set;

/**
 * What a worker learnt since its last step.
 *
 * @param acknowledged ids of commands that agents have
 * @param refusal why an agent refused its command, where its refusal ends the migration
 * @param progress merged, where it is time to store it
 */
record Observed(
        Optional<MigrationReport> source,
        boolean sourceLost,
        Optional<MigrationReport> destination,
        boolean destinationLost,
        Set<String> acknowledged,
        Optional<Problem> refusal,
        boolean informSource,
        Optional<MigrationProgress> progress) {}
