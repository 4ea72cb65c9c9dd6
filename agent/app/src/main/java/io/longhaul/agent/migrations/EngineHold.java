package io.longhaul.agent.migrations;

import io.longhaul.agent.vms.MigrationHold;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import java.util.Optional;
import java.util.UUID;

/**
 * Which migration holds a machine: one whose side on this host has not ended, or that is being prepared. Thread safe.
 */
public final class EngineHold implements MigrationHold {
    private final MigrationEngine engine;
    private final Arrivals arrivals;

    public EngineHold(MigrationEngine engine, Arrivals arrivals) {
        this.engine = engine;
        this.arrivals = arrivals;
    }

    @Override
    public Optional<String> holderOf(UUID vmId) {
        return engine.sides().stream()
                .filter(side ->
                        side.guestId().equals(vmId) && !side.status().phase().terminal())
                .map(MigrationSide::migrationId)
                .findFirst()
                .or(() -> preparing(vmId));
    }

    /** Known here, not yet to the engine, and not ended. */
    private Optional<String> preparing(UUID vmId) {
        return arrivals.all().stream()
                .filter(arrival -> arrival.vmId().equals(vmId)
                        && !arrival.ended()
                        && !arrival.taken()
                        && engine.find(arrival.migrationId()).isEmpty())
                .map(ArrivalRecord::migrationId)
                .findFirst();
    }
}
