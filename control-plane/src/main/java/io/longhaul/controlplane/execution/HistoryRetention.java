package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.config.HistoryProperties;
import io.longhaul.controlplane.support.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Deletes migrations that ended long ago, so that the database stays bounded. Runs on one scheduler thread. */
@Component
class HistoryRetention {

    private static final Logger log = LoggerFactory.getLogger(HistoryRetention.class);
    /** A transaction deletes so many, so that it holds nobody up. */
    private static final int BATCH = 100;

    private static final List<MigrationPhase> TERMINAL = Arrays.stream(MigrationPhase.values())
            .filter(MigrationPhase::terminal)
            .toList();

    private final MigrationRepository repository;
    private final HistoryRepository history;
    private final CommandRepository commands;
    private final MigrationWorkers workers;
    private final Transactions transactions;
    private final HistoryProperties properties;
    private final Clock clock;

    HistoryRetention(
            MigrationRepository repository,
            HistoryRepository history,
            CommandRepository commands,
            MigrationWorkers workers,
            Transactions transactions,
            HistoryProperties properties,
            Clock clock) {
        this.repository = repository;
        this.history = history;
        this.commands = commands;
        this.workers = workers;
        this.transactions = transactions;
        this.properties = properties;
        this.clock = clock;
    }

    @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
    void deleteOld() {
        Instant oldest = clock.instant().minus(properties.keep());
        int deleted = 0;
        for (List<String> ids = ended(oldest); !ids.isEmpty(); ids = ended(oldest)) {
            delete(ids);
            deleted += ids.size();
        }
        if (deleted > 0) {
            log.info("Deleted {} migrations that ended before {}", deleted, oldest);
        }
    }

    private List<String> ended(Instant before) {
        return repository.endedBefore(TERMINAL, before, Limit.of(BATCH));
    }

    private void delete(List<String> ids) {
        // Its worker may still try to reach a host that never came back.
        ids.forEach(workers::dismiss);
        transactions.run(() -> {
            commands.deleteByMigrationIdIn(ids);
            history.deleteByMigrationIdIn(ids);
            repository.deleteAllByIdInBatch(ids);
        });
    }
}
