package io.longhaul.controlplane.progress;

import io.longhaul.api.model.MigrationProgress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** The newest progress of every migration under way. Thread safe; soft state, bounded by the migrations that run. */
@Component
public class ProgressBoard {

    private final ConcurrentHashMap<String, MigrationProgress> progress = new ConcurrentHashMap<>();

    public MigrationProgress report(String migrationId, MigrationProgress newer) {
        return progress.merge(migrationId, newer, ProgressMerge::merge);
    }

    public Optional<MigrationProgress> of(String migrationId) {
        return Optional.ofNullable(progress.get(migrationId));
    }

    public void forget(String migrationId) {
        progress.remove(migrationId);
    }
}
