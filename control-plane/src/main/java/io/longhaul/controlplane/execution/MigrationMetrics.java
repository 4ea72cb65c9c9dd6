package io.longhaul.controlplane.execution;

import io.longhaul.api.model.Receipt;
import io.longhaul.controlplane.support.Json;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import org.springframework.stereotype.Component;

/** Counts migrations. Thread safe. */
@Component
class MigrationMetrics {

    private final MeterRegistry registry;
    private final Json json;

    MigrationMetrics(MeterRegistry registry, MigrationRepository repository, Json json) {
        this.registry = registry;
        this.json = json;
        Arrays.stream(MigrationPhase.values())
                .filter(phase -> !phase.terminal())
                .forEach(phase -> Gauge.builder(
                                "longhaul.migrations.current", repository, rows -> rows.countByPhase(phase))
                        .tag("state", phase.name())
                        .description("Migrations in this state now")
                        .register(registry));
    }

    void ended(MigrationEntity migration) {
        registry.counter("longhaul.migrations.ended", "state", migration.phase.name())
                .increment();
        if (migration.startedAt != null && migration.endedAt != null) {
            Timer.builder("longhaul.migration.duration")
                    .tag("state", migration.phase.name())
                    .register(registry)
                    .record(Duration.between(migration.startedAt, migration.endedAt));
        }
        Receipt receipt = json.readOrNull(migration.receipt, Receipt.class);
        if (receipt == null) {
            return;
        }
        if (receipt.getDowntimeMillis() != null) {
            Timer.builder("longhaul.migration.downtime")
                    .register(registry)
                    .record(Duration.ofMillis(receipt.getDowntimeMillis()));
        }
        if (receipt.getBytesOnWire() != null) {
            DistributionSummary.builder("longhaul.migration.wire")
                    .baseUnit("bytes")
                    .register(registry)
                    .record(receipt.getBytesOnWire());
        }
    }
}
