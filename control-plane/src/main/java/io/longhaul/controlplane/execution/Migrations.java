package io.longhaul.controlplane.execution;

import io.longhaul.api.model.ChangeMigration;
import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.controlplane.config.SchedulingProperties;
import io.longhaul.controlplane.planning.PlanOutcome;
import io.longhaul.controlplane.planning.Planner;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import io.longhaul.controlplane.vms.KnownVm;
import io.longhaul.controlplane.vms.Vms;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;

/** Migrations as requests see them: accepted, looked up, asked to end. Thread safe. */
@Service
public class Migrations {

    private static final int DEFAULT_PRIORITY = 50;

    private final MigrationRepository repository;
    private final HistoryRepository history;
    private final MigrationSteps steps;
    private final MigrationChanges changes;
    private final MigrationViews views;
    private final MigrationWorkers workers;
    private final QueueKeeper queue;
    private final PlanInputs inputs;
    private final Vms vms;
    private final SchedulingProperties limits;
    private final Transactions transactions;
    private final Json json;
    private final Clock clock;

    Migrations(
            MigrationRepository repository,
            HistoryRepository history,
            MigrationSteps steps,
            MigrationChanges changes,
            MigrationViews views,
            MigrationWorkers workers,
            QueueKeeper queue,
            PlanInputs inputs,
            Vms vms,
            SchedulingProperties limits,
            Transactions transactions,
            Json json,
            Clock clock) {
        this.repository = repository;
        this.history = history;
        this.steps = steps;
        this.changes = changes;
        this.views = views;
        this.workers = workers;
        this.queue = queue;
        this.inputs = inputs;
        this.vms = vms;
        this.limits = limits;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /** What a list is narrowed to; absent means all. */
    public record Filter(
            Collection<MigrationPhase> phases,
            @Nullable String vm,
            @Nullable String host,
            @Nullable String before) {}

    /**
     * Stores a migration that can be planned now; a second call with the same id gives the first one's.
     *
     * @param vm as it is now
     * @throws ProblemException with every reason against it
     */
    public Migration accept(String id, CreateMigration request, KnownVm vm) {
        Optional<Migration> known = find(id);
        if (known.isPresent()) {
            return known.get();
        }
        vm.activeMigration().ifPresent(other -> {
            throw ProblemCode.VM_ALREADY_MIGRATING.exception(
                    vm.name() + " is in the migration " + other + ".",
                    "migration " + other,
                    "a machine in no migration");
        });
        PlanOutcome outcome = Planner.plan(inputs.request(
                vm,
                request.getDestination(),
                orEmpty(request.getPools()),
                orEmpty(request.getNetworks()),
                request.getPolicy()));
        boolean unused = outcome.fold(planned -> true, refused -> {
            throw new ProblemException(refused.problem());
        });
        transactions.run(() -> store(id, request, vm));
        queue.wake();
        return require(id);
    }

    public Optional<Migration> find(String id) {
        return repository
                .findById(id)
                .map(migration -> views.shown(List.of(migration)).get(0));
    }

    public Migration require(String id) {
        return find(id).orElseThrow(() -> MigrationSteps.noSuchMigration(id));
    }

    /** Newest first. */
    public List<Migration> list(Filter filter, int rows) {
        Collection<MigrationPhase> phases =
                filter.phases().isEmpty() ? Arrays.asList(MigrationPhase.values()) : filter.phases();
        return views.shown(repository.page(phases, filter.vm(), filter.host(), filter.before(), Limit.of(rows)));
    }

    /** Stores a change, and has the source told of it where it has begun; again changes nothing. */
    public Migration change(String id, ChangeMigration change) {
        if (changes.change(id, change)) {
            workers.changed(id);
            queue.wake();
        }
        return require(id);
    }

    /** Asks for the end; again changes nothing. */
    public Migration cancel(String id) {
        Step step = steps.cancel(id);
        workers.published(id, step);
        if (step.phase().running()) {
            workers.drive(id);
        }
        return require(id);
    }

    private void store(String id, CreateMigration request, KnownVm vm) {
        if (repository.countByPhase(MigrationPhase.QUEUED) >= limits.maxQueued()) {
            throw ProblemCode.QUEUE_FULL.exception(
                    "The queue is full.", limits.maxQueued() + " waiting migrations", "fewer than that");
        }
        vms.lock(vm.id(), id);
        Instant now = clock.instant();
        MigrationEntity migration = new MigrationEntity();
        migration.id = id;
        migration.vmId = vm.id();
        migration.vmName = vm.name();
        migration.source = vm.host();
        migration.destination = request.getDestination();
        migration.priority = Objects.requireNonNullElse(request.getPriority(), DEFAULT_PRIORITY);
        migration.pools = json.write(orEmpty(request.getPools()));
        migration.networks = json.write(orEmpty(request.getNetworks()));
        migration.policy = json.write(Objects.requireNonNullElseGet(request.getPolicy(), MigrationPolicy::new));
        migration.createdAt = now;
        migration.updatedAt = now;
        migration.historyLength = 1;
        repository.save(migration);
        history.save(new HistoryEntity(id, 1, MigrationPhase.QUEUED, now, "Accepted"));
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
