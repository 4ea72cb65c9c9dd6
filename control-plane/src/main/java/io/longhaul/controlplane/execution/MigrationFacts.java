package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import java.util.UUID;

/** What never changes about a started migration. */
record MigrationFacts(String id, UUID vmId, String source, String destination, long epoch) {

    static MigrationFacts of(MigrationEntity migration) {
        return new MigrationFacts(
                migration.id, migration.vmId, migration.source, migration.destination, migration.epoch);
    }

    String host(MigrationRole role) {
        return switch (role) {
            case SOURCE -> source;
            case DESTINATION -> destination;
        };
    }

    /** Whether the report is about this attempt, by the host that has this role in it. */
    boolean covers(String host, MigrationReport report) {
        return report.getMigrationId().equals(id)
                && report.getEpoch() == epoch
                && report.getVmId().equals(vmId)
                && host(report.getRole()).equals(host);
    }
}
