package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.Receipt;
import io.longhaul.api.model.StateChange;
import io.longhaul.api.model.VmOwner;
import io.longhaul.controlplane.progress.ProgressBoard;
import io.longhaul.controlplane.progress.ShownProgress;
import io.longhaul.controlplane.support.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Shows stored migrations as the API's. Thread safe. */
@Component
class MigrationViews {

    private final HistoryRepository history;
    private final MigrationWorkers workers;
    private final ProgressBoard board;
    private final Json json;

    MigrationViews(HistoryRepository history, MigrationWorkers workers, ProgressBoard board, Json json) {
        this.history = history;
        this.workers = workers;
        this.board = board;
        this.json = json;
    }

    List<Migration> shown(Collection<MigrationEntity> migrations) {
        Map<String, List<HistoryEntity>> changes = history
                .findByMigrationIdInOrderBySequenceNumber(
                        migrations.stream().map(migration -> migration.id).toList())
                .stream()
                .collect(Collectors.groupingBy(HistoryEntity::migrationId));
        return migrations.stream()
                .map(migration -> shown(migration, changes.getOrDefault(migration.id, List.of())))
                .toList();
    }

    private Migration shown(MigrationEntity migration, List<HistoryEntity> changes) {
        return new Migration(
                        migration.id,
                        migration.vmId,
                        migration.vmName,
                        migration.source,
                        migration.destination,
                        migration.phase.shown(),
                        owner(migration),
                        migration.phase.cancellable(),
                        migration.priority,
                        migration.epoch,
                        time(migration.createdAt),
                        time(migration.updatedAt),
                        MigrationSteps.policy(migration, json),
                        historyOf(migration, changes))
                .startedAt(timeOrNull(migration.startedAt))
                .endedAt(timeOrNull(migration.endedAt))
                .waitingFor(waitingFor(migration))
                .progress(progress(migration))
                .problem(json.readOrNull(migration.problem, Problem.class))
                .notes(notes(migration))
                .receipt(migration.phase.terminal() ? json.readOrNull(migration.receipt, Receipt.class) : null);
    }

    /** The newest figures, less what is not true of the migration as it is now. */
    private @Nullable MigrationProgress progress(MigrationEntity migration) {
        MigrationProgress known =
                board.of(migration.id).orElseGet(() -> json.readOrNull(migration.progress, MigrationProgress.class));
        if (known == null) {
            return null;
        }
        if (migration.phase.terminal()) {
            return ShownProgress.ended(known);
        }
        return workers.sourceSilentSince(migration.id)
                .map(since -> ShownProgress.silent(known, migration.source, time(since)))
                .orElseGet(() -> migration.phase.ending() ? ShownProgress.ending(known) : known);
    }

    private List<String> notes(MigrationEntity migration) {
        MigrationReport destination = json.readOrNull(migration.destinationReport, MigrationReport.class);
        if (destination == null || destination.getMeasurements() == null) {
            return List.of();
        }
        return orEmpty(destination.getMeasurements().getNotes());
    }

    private static List<String> orEmpty(@Nullable List<String> notes) {
        return notes == null ? List.of() : notes;
    }

    private VmOwner owner(MigrationEntity migration) {
        boolean undoing = migration.phase == MigrationPhase.CANCELLING || migration.phase == MigrationPhase.FAILING;
        return undoing && workers.undecided(migration.id) ? VmOwner.UNDECIDED : migration.phase.owner();
    }

    private @Nullable String waitingFor(MigrationEntity migration) {
        return workers.obstacle(migration.id).orElse(migration.waitingFor);
    }

    /** The history is read after the migration: what was added in between belongs to a state that is not shown here. */
    private static List<StateChange> historyOf(MigrationEntity migration, List<HistoryEntity> changes) {
        return changes.stream()
                .filter(change -> change.sequenceNumber() <= migration.historyLength)
                .map(MigrationViews::change)
                .toList();
    }

    private static StateChange change(HistoryEntity change) {
        return new StateChange(change.phase().shown(), time(change.happenedAt()), change.reason());
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable OffsetDateTime timeOrNull(@Nullable Instant instant) {
        return instant == null ? null : time(instant);
    }
}
