package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.config.SchedulingProperties;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.planning.PlanOutcome;
import io.longhaul.controlplane.planning.Planner;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.progress.MigrationFeed;
import io.longhaul.controlplane.scheduling.StartDecisions;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.SerialTask;
import io.longhaul.controlplane.support.Transactions;
import io.longhaul.controlplane.vms.KnownVm;
import io.longhaul.controlplane.vms.Vms;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Starts waiting migrations when their turn comes. Its round runs on one thread at a time, so that no place is given
 * away twice; the queue itself is the store's.
 */
@Component
class QueueKeeper {

    private static final Logger log = LoggerFactory.getLogger(QueueKeeper.class);
    private static final List<MigrationPhase> RUNNING = Arrays.stream(MigrationPhase.values())
            .filter(MigrationPhase::running)
            .toList();
    /** Long enough for those behind to have their turn, and for a log that can be read. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);

    private final MigrationRepository repository;
    private final MigrationSteps steps;
    private final MigrationWorkers workers;
    private final PlanInputs inputs;
    private final Hosts hosts;
    private final Vms vms;
    private final SchedulingProperties limits;
    private final Transactions transactions;
    private final MigrationFeed feed;
    private final Json json;
    private final Clock clock;
    private final SerialTask round;
    /** Migrations whose start went wrong, and when they are looked at again. Owned by the round. */
    private final Map<String, Instant> setAside = new HashMap<>();
    /** Hosts and machines are known only when everything has started. */
    private volatile boolean open;

    QueueKeeper(
            MigrationRepository repository,
            MigrationSteps steps,
            MigrationWorkers workers,
            PlanInputs inputs,
            Hosts hosts,
            Vms vms,
            SchedulingProperties limits,
            Transactions transactions,
            MigrationFeed feed,
            Json json,
            Clock clock,
            ScheduledExecutorService executor) {
        this.repository = repository;
        this.steps = steps;
        this.workers = workers;
        this.inputs = inputs;
        this.hosts = hosts;
        this.vms = vms;
        this.limits = limits;
        this.transactions = transactions;
        this.feed = feed;
        this.json = json;
        this.clock = clock;
        this.round = new SerialTask("The queue", executor, this::round);
        workers.whenEnded(this::wake);
    }

    /** After the workers have gone on with what was running. */
    @EventListener(ApplicationReadyEvent.class)
    @Order(2)
    void open() {
        open = true;
        wake();
    }

    /** Something changed that may let one start. */
    void wake() {
        round.wake();
    }

    /** Hosts come and go without telling the queue. */
    @Scheduled(fixedDelayString = "PT1S")
    void look() {
        wake();
    }

    private void round() {
        if (!open) {
            return;
        }
        Instant now = clock.instant();
        setAside.values().removeIf(until -> !until.isAfter(now));
        List<MigrationEntity> waiting = repository.findByPhaseOrderByPriorityDescIdAsc(MigrationPhase.QUEUED).stream()
                .filter(migration -> !setAside.containsKey(migration.id))
                .toList();
        if (waiting.isEmpty()) {
            return;
        }
        List<MigrationEntity> running = repository.findByPhaseIn(RUNNING);
        Set<String> online = hosts.all().stream()
                .filter(KnownHost::online)
                .map(KnownHost::name)
                .collect(Collectors.toSet());
        Set<String> offline = waiting.stream()
                .flatMap(migration -> Stream.of(migration.source, migration.destination))
                .filter(host -> !online.contains(host))
                .collect(Collectors.toSet());
        List<StartDecisions.Decision> decisions = StartDecisions.decide(
                waiting.stream().map(QueueKeeper::contender).toList(),
                running.stream().map(QueueKeeper::contender).toList(),
                offline,
                new StartDecisions.Limits(limits.maxRunning(), limits.maxRunningPerHost()));
        Map<String, MigrationEntity> byId =
                waiting.stream().collect(Collectors.toMap(migration -> migration.id, migration -> migration));
        for (StartDecisions.Decision decision : decisions) {
            try {
                carryOut(decision, byId);
            } catch (RuntimeException | Error e) {
                // The place it was given is another's in the next round, or the first of the queue could hold up all.
                log.error(
                        "Migration {} could not be started; it is tried again in {} s",
                        decision.migrationId(),
                        PAUSE_AFTER_FAILURE.toSeconds(),
                        e);
                setAside.put(decision.migrationId(), now.plus(PAUSE_AFTER_FAILURE));
                wake();
            }
        }
    }

    private void carryOut(StartDecisions.Decision decision, Map<String, MigrationEntity> byId) {
        MigrationEntity migration = java.util.Objects.requireNonNull(byId.get(decision.migrationId()));
        if (decision.waitingFor().isPresent()) {
            waitFor(migration, decision.waitingFor().get());
            return;
        }
        Optional<KnownVm> vm = vms.find(migration.vmId);
        if (vm.isPresent() && vm.get().observed().isEmpty()) {
            waitFor(migration, "a report about " + migration.vmName + " by the agent of " + migration.source);
            return;
        }
        PlanOutcome outcome = vm.map(known -> plan(migration, known))
                .orElseGet(() -> new PlanOutcome.Refused(
                        List.of(ProblemCode.NO_SUCH_VM.problem("The machine " + migration.vmName + " is gone."))));
        Step step = steps.start(migration.id, outcome);
        workers.published(migration.id, step);
        if (step.phase().running()) {
            workers.drive(migration.id);
        } else {
            log.debug("Migration {} was not started: {}", migration.id, step.phase());
        }
    }

    private PlanOutcome plan(MigrationEntity migration, KnownVm vm) {
        return Planner.plan(inputs.request(
                vm,
                migration.destination,
                map(migration.pools),
                map(migration.networks),
                MigrationSteps.policy(migration, json)));
    }

    private void waitFor(MigrationEntity shown, @Nullable String reason) {
        if (java.util.Objects.equals(shown.waitingFor, reason)) {
            return;
        }
        transactions.run(() -> repository
                .findForUpdate(shown.id)
                .filter(migration -> migration.phase == MigrationPhase.QUEUED)
                .ifPresent(migration -> migration.waitingFor = reason));
        feed.changed(shown.id);
    }

    @SuppressWarnings("unchecked") // Written as a map of strings by Migrations.
    private Map<String, String> map(String text) {
        return json.read(text, Map.class);
    }

    private static StartDecisions.Contender contender(MigrationEntity migration) {
        return new StartDecisions.Contender(migration.id, migration.source, migration.destination);
    }
}
