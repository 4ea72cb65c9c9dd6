package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;

/** What never changes about a started migration. */
record MigrationFacts(String id, String source, String destination, long epoch) {

    static MigrationFacts of(MigrationEntity migration) {
        return new MigrationFacts(migration.id, migration.source, migration.destination, migration.epoch);
    }

    String host(MigrationRole role) {
        return switch (role) {
            case SOURCE -> source;
            case DESTINATION -> destination;
        };
    }

    /**
     * Whether the report is about this attempt, by the host that has this role in it. The machine is not asked for: a
     * side that was aborted before it heard of the migration cannot know it.
     */
    boolean covers(String host, MigrationReport report) {
        return report.getMigrationId().equals(id)
                && report.getEpoch() == epoch
                && host(report.getRole()).equals(host);
    }
}
