package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.config.ExecutionProperties;
import io.longhaul.controlplane.planning.PlanOutcome;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * The only writer of a migration's phase. Thread safe: every method is one transaction that stores phase, history and
 * commands together, and is run again where another writer was faster.
 */
@Service
class MigrationSteps {

    private static final Logger log = LoggerFactory.getLogger(MigrationSteps.class);
    /** A way through every phase is shorter; more would be a circle in the table. */
    private static final int MOST_EVENTS = 12;

    private final MigrationRepository repository;
    private final HistoryRepository history;
    private final CommandOutbox outbox;
    private final MigrationActions actions;
    private final Transactions transactions;
    private final ExecutionProperties properties;
    private final Json json;
    private final Clock clock;

    MigrationSteps(
            MigrationRepository repository,
            HistoryRepository history,
            CommandOutbox outbox,
            MigrationActions actions,
            Transactions transactions,
            ExecutionProperties properties,
            Json json,
            Clock clock) {
        this.repository = repository;
        this.history = history;
        this.outbox = outbox;
        this.actions = actions;
        this.transactions = transactions;
        this.properties = properties;
        this.json = json;
        this.clock = clock;
    }

    /** Starts a waiting migration by its plan, or ends it by the reasons against. Another phase: changes nothing. */
    Step start(String id, PlanOutcome outcome) {
        return transactions.call(() -> {
            MigrationEntity migration = require(id);
            if (migration.phase != MigrationPhase.QUEUED) {
                return step(migration, false);
            }
            migration.waitingFor = null;
            return outcome.fold(
                    planned -> {
                        actions.plan(migration, planned);
                        return applied(migration, MigrationEvent.START, "Its turn has come");
                    },
                    refused -> {
                        migration.problem = json.write(refused.problem());
                        return applied(
                                migration,
                                MigrationEvent.START_REFUSED,
                                "The plan no longer holds: " + refused.problem().getDetail());
                    });
        });
    }

    /** @throws io.longhaul.controlplane.problems.ProblemException where it is too late */
    Step cancel(String id) {
        return transactions.call(() -> {
            MigrationEntity migration = require(id);
            if (migration.phase == MigrationPhase.CANCELLED) {
                return step(migration, false);
            }
            if (MigrationStateMachine.TABLE
                    .row(migration.phase, MigrationEvent.CANCEL)
                    .isEmpty()) {
                throw ProblemCode.NOT_CANCELLABLE.exception(
                        "The migration is " + migration.phase + ", which cannot be cancelled.",
                        migration.phase.name(),
                        "a state before COMPLETING");
            }
            if (migration.phase == MigrationPhase.CANCELLING) {
                return step(migration, false);
            }
            migration.waitingFor = null;
            return applied(migration, MigrationEvent.CANCEL, "Cancellation was asked for");
        });
    }

    /** Takes in what was learnt, and follows the table as far as it leads. */
    Step advance(String id, Observed observed) {
        return transactions.call(() -> {
            MigrationEntity migration = require(id);
            outbox.acknowledged(observed.acknowledged());
            remember(migration, observed);
            boolean changed = false;
            boolean inform = observed.informSource();
            for (int i = 0; i < MOST_EVENTS; i++) {
                rememberTrouble(migration, observed);
                Optional<MigrationEvent> event =
                        situation(migration, observed, inform).next();
                if (event.isEmpty()) {
                    return step(migration, changed);
                }
                inform &= event.get() != MigrationEvent.SOURCE_UNINFORMED;
                changed |= happen(migration, event.get(), observed);
            }
            throw new IllegalStateException("The table runs in a circle at " + migration.phase + " of " + id);
        });
    }

    private boolean happen(MigrationEntity migration, MigrationEvent event, Observed observed) {
        if (event == MigrationEvent.SIDE_FAILED) {
            migration.problem = json.writeOrNull(actions.told(migration, actions.failure(migration, observed)));
        }
        if (event == MigrationEvent.SOURCE_CUT_OFF) {
            migration.problem = json.write(actions.cutOff(migration));
        }
        if (event == MigrationEvent.DESTINATION_TOOK) {
            migration.problem = null;
        }
        if (event != MigrationEvent.BOTH_ABORTED) {
            return transition(migration, event, actions.reason(migration, event));
        }
        // That the guest ended may have become known only since.
        migration.problem =
                json.writeOrNull(actions.told(migration, json.readOrNull(migration.problem, Problem.class)));
        return transition(migration, event, actions.reason(migration, event) + otherCause(migration));
    }

    /** The side that speaks first often knows only what the other's end did to it; its word stays in the history. */
    private String otherCause(MigrationEntity migration) {
        Problem cause = json.readOrNull(migration.problem, Problem.class);
        if (cause == null) {
            return "";
        }
        boolean told = history.findByMigrationIdInOrderBySequenceNumber(List.of(migration.id)).stream()
                .filter(change -> change.phase() == MigrationPhase.FAILING)
                .anyMatch(change -> change.reason().startsWith(cause.getCode() + ":"));
        return told ? "" : "; the cause was " + cause.getCode() + ": " + cause.getDetail();
    }

    private Step applied(MigrationEntity migration, MigrationEvent event, String reason) {
        return step(migration, transition(migration, event, reason));
    }

    /** Validates, changes, and writes what follows; the transaction makes it one. */
    private boolean transition(MigrationEntity migration, MigrationEvent event, String reason) {
        MigrationStateMachine.Row row = MigrationStateMachine.TABLE
                .row(migration.phase, event)
                .orElseThrow(() -> new IllegalStateException(
                        "The table has no row for " + event + " at " + migration.phase + " of " + migration.id));
        Instant now = clock.instant();
        MigrationPhase before = migration.phase;
        migration.phase = row.next();
        migration.updatedAt = now;
        if (row.next().terminal()) {
            migration.endedAt = now;
        }
        actions.perform(row.action(), migration);
        if (before == row.next()) {
            log.debug("Migration {}: {} at {}: {}", migration.id, event, before, reason);
            return false;
        }
        migration.historyLength++;
        history.save(new HistoryEntity(migration.id, migration.historyLength, row.next(), now, reason));
        log.info("Migration {} of {}: {} -> {}: {}", migration.id, migration.vmName, before, row.next(), reason);
        return true;
    }

    private Situation situation(MigrationEntity migration, Observed observed, boolean inform) {
        boolean cleanUpOrdered = migration.cleanUpOrderedAt != null;
        return new Situation(
                migration.phase,
                side(migration.sourceReport, observed.source(), observed.sourceLost()),
                side(migration.destinationReport, observed.destination(), observed.destinationLost()),
                migration.outgoingOrdered,
                observed.refusal(),
                inform,
                cleanUpOrdered,
                cleanUpOrdered && cleanUpOver(migration));
    }

    private Situation.Side side(@Nullable String stored, Optional<MigrationReport> newest, boolean lost) {
        return new Situation.Side(
                newest.or(() -> Optional.ofNullable(json.readOrNull(stored, MigrationReport.class))), lost);
    }

    private boolean cleanUpOver(MigrationEntity migration) {
        Instant deadline = Optional.ofNullable(migration.cleanUpOrderedAt).orElse(Instant.MAX);
        return outbox.pending(migration.id).isEmpty()
                || !clock.instant().isBefore(deadline.plus(properties.cleanUpWait()));
    }

    /** Reports are stored where they say something new about the side, not at every count of bytes. */
    private void remember(MigrationEntity migration, Observed observed) {
        observed.source()
                .filter(report -> news(migration.sourceReport, report))
                .ifPresent(report -> migration.sourceReport = json.write(report));
        observed.destination()
                .filter(report -> news(migration.destinationReport, report))
                .ifPresent(report -> migration.destinationReport = json.write(report));
        observed.progress().ifPresent(progress -> migration.progress = json.write(progress));
        if (migration.phase == MigrationPhase.FAILING) {
            Problem cause = RootCause.of(
                    json.readOrNull(migration.problem, Problem.class),
                    observed.source().map(MigrationReport::getProblem).orElse(null),
                    observed.destination().map(MigrationReport::getProblem).orElse(null));
            migration.problem = json.writeOrNull(actions.told(migration, cause));
        }
    }

    /** The machine is moved whatever happens to it afterwards; that must not be passed over in silence. */
    private void rememberTrouble(MigrationEntity migration, Observed observed) {
        if (migration.phase == MigrationPhase.COMPLETING) {
            migration.problem = json.writeOrNull(RootCause.of(
                    json.readOrNull(migration.problem, Problem.class),
                    observed.destination().map(MigrationReport::getProblem).orElse(null)));
        }
    }

    private boolean news(@Nullable String stored, MigrationReport report) {
        MigrationReport known = json.readOrNull(stored, MigrationReport.class);
        return known == null
                || known.getPhase() != report.getPhase()
                || !known.getAgentInstance().equals(report.getAgentInstance())
                || !java.util.Objects.equals(known.getCutOff(), report.getCutOff())
                || !java.util.Objects.equals(known.getProblem(), report.getProblem())
                || !java.util.Objects.equals(known.getMeasurements(), report.getMeasurements());
    }

    private Step step(MigrationEntity migration, boolean changed) {
        return new Step(migration.phase, changed, migration.outgoingOrdered, outbox.pending(migration.id));
    }

    private MigrationEntity require(String id) {
        return repository.findForUpdate(id).orElseThrow(() -> noSuchMigration(id));
    }

    static io.longhaul.controlplane.problems.ProblemException noSuchMigration(String id) {
        return ProblemCode.NO_SUCH_MIGRATION.exception(
                "No migration has the id " + id + ".", id, "an id of GET /v1/migrations");
    }

    /** The policy as it was asked for. */
    static MigrationPolicy policy(MigrationEntity migration, Json json) {
        return json.read(migration.policy, MigrationPolicy.class);
    }

    /** For the worker at its start: what was known of both sides. */
    List<MigrationReport> storedReports(String id) {
        return transactions.call(() -> {
            MigrationEntity migration = require(id);
            return java.util.stream.Stream.of(migration.sourceReport, migration.destinationReport)
                    .filter(java.util.Objects::nonNull)
                    .map(text -> json.read(text, MigrationReport.class))
                    .toList();
        });
    }
}
