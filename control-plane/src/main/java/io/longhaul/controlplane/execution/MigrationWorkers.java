package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.controlplane.agents.AgentClient;
import io.longhaul.controlplane.agents.AgentListener;
import io.longhaul.controlplane.config.ExecutionProperties;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.progress.MigrationFeed;
import io.longhaul.controlplane.progress.ProgressBoard;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** One worker for every migration that has something left to do. Thread safe. */
@Component
@Order(3)
class MigrationWorkers implements AgentListener {

    private static final Logger log = LoggerFactory.getLogger(MigrationWorkers.class);

    private final MigrationRepository repository;
    private final CommandRepository commands;
    private final MigrationSteps steps;
    private final MigrationFeed feed;
    private final ProgressBoard board;
    private final MigrationMetrics metrics;
    private final MigrationWorker.Surroundings surroundings;
    private final ConcurrentHashMap<String, MigrationWorker> workers = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Runnable> endListeners = new CopyOnWriteArrayList<>();

    /** Gathers what workers share, so that they need not be handed it each. */
    MigrationWorkers(
            MigrationRepository repository,
            CommandRepository commands,
            MigrationSteps steps,
            MigrationFeed feed,
            ProgressBoard board,
            MigrationMetrics metrics,
            AgentClient agents,
            Hosts hosts,
            ExecutionProperties properties,
            Clock clock,
            ScheduledExecutorService executor) {
        this.repository = repository;
        this.commands = commands;
        this.steps = steps;
        this.feed = feed;
        this.board = board;
        this.metrics = metrics;
        this.surroundings = new MigrationWorker.Surroundings(
                steps, agents, hosts, board, feed, properties, clock, executor, this::onStep);
    }

    /** Everything that was under way when the control plane stopped goes on. */
    @EventListener(ApplicationReadyEvent.class)
    @Order(1)
    void resume() {
        Set<String> ids = new LinkedHashSet<>(commands.migrationsWithCommands());
        repository
                .findByPhaseIn(Arrays.stream(MigrationPhase.values())
                        .filter(MigrationPhase::running)
                        .toList())
                .forEach(migration -> ids.add(migration.id));
        ids.forEach(this::drive);
        if (!ids.isEmpty()) {
            log.info("Going on with {} migrations: {}", ids.size(), ids);
        }
    }

    @Override
    public void onMigrationReport(String host, MigrationReport report) {
        MigrationWorker worker = workers.get(report.getMigrationId());
        if (worker == null) {
            log.debug("Passing over a report of {} about {}, which is over or unknown", host, report.getMigrationId());
            return;
        }
        worker.report(host, report);
        feed.changed(report.getMigrationId());
    }

    /** Begins to drive a started migration, or wakes its worker. */
    void drive(String id) {
        workers.computeIfAbsent(id, this::worker).wake();
    }

    /** It goes by something else now: its worker has a command to send, and watchers something to see. */
    void changed(String id) {
        Optional.ofNullable(workers.get(id)).ifPresent(MigrationWorker::wake);
        feed.changed(id);
    }

    /** The migration is over, or about to be forgotten: nothing more is done for it. */
    void dismiss(String id) {
        MigrationWorker worker = workers.remove(id);
        if (worker != null) {
            worker.close();
        }
        board.forget(id);
    }

    void whenEnded(Runnable listener) {
        endListeners.add(listener);
    }

    /** What a started migration waits for, if anything. */
    Optional<String> obstacle(String id) {
        return Optional.ofNullable(workers.get(id)).flatMap(MigrationWorker::obstacle);
    }

    /** Since when nothing was heard of the source of a started migration, where that is long. */
    Optional<Instant> sourceSilentSince(String id) {
        return Optional.ofNullable(workers.get(id)).flatMap(MigrationWorker::sourceSilentSince);
    }

    /** GRANT was sent and no decision is known: only then both hosts might be the owner. */
    boolean undecided(String id) {
        MigrationWorker worker = workers.get(id);
        return worker != null
                && worker.newest(MigrationRole.SOURCE)
                        .filter(report -> report.getPhase() == SidePhase.GRANTED)
                        .isPresent()
                && worker.newest(MigrationRole.DESTINATION)
                        .filter(report ->
                                report.getPhase() == SidePhase.REFUSED || report.getPhase() == SidePhase.ABORTED)
                        .isEmpty();
    }

    /** After a step made outside of the worker, such as a cancellation: tells whoever watches. */
    void published(String id, Step step) {
        if (!step.changed()) {
            return;
        }
        feed.changed(id);
        if (step.phase().terminal()) {
            repository.findById(id).ifPresent(metrics::ended);
            endListeners.forEach(Runnable::run);
        }
    }

    @PreDestroy
    void close() {
        workers.values().forEach(MigrationWorker::close);
    }

    private MigrationWorker worker(String id) {
        MigrationFacts facts = MigrationFacts.of(repository.findById(id).orElseThrow());
        return new MigrationWorker(facts, steps.storedReports(id), surroundings);
    }

    private void onStep(MigrationFacts facts, Step step) {
        published(facts.id(), step);
        if (step.finished()) {
            dismiss(facts.id());
        }
    }
}
