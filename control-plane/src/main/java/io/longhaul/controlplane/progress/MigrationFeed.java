package io.longhaul.controlplane.progress;

import io.longhaul.controlplane.config.ApiProperties;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/**
 * Wakes whoever watches a migration when something about it changed; what changed they look up themselves, so that a
 * slow watcher misses intermediate progress and nothing else. Thread safe.
 */
@Component
public class MigrationFeed {

    private final int mostWatchers;
    private final AtomicInteger watchers = new AtomicInteger();
    private final ConcurrentHashMap<String, Set<Runnable>> byMigration = new ConcurrentHashMap<>();

    public MigrationFeed(ApiProperties limits) {
        this.mostWatchers = limits.maxWatchers();
    }

    /**
     * @param wake called on any thread; must not block
     * @return how to stop watching (once is enough, again changes nothing); nothing where too many watch
     */
    public Optional<Runnable> watch(String migrationId, Runnable wake) {
        if (watchers.incrementAndGet() > mostWatchers) {
            watchers.decrementAndGet();
            return Optional.empty();
        }
        // Its own object, so that the same Runnable may watch twice.
        Runnable entry = () -> wake.run();
        byMigration.compute(migrationId, (id, old) -> {
            Set<Runnable> entries = old == null ? ConcurrentHashMap.newKeySet() : old;
            entries.add(entry);
            return entries;
        });
        return Optional.of(() -> leave(migrationId, entry));
    }

    public void changed(String migrationId) {
        byMigration.getOrDefault(migrationId, Set.of()).forEach(Runnable::run);
    }

    private void leave(String migrationId, Runnable entry) {
        byMigration.computeIfPresent(migrationId, (id, entries) -> {
            if (entries.remove(entry)) {
                watchers.decrementAndGet();
            }
            return entries.isEmpty() ? null : entries;
        });
    }
}
