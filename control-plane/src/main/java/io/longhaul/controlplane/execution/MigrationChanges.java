package io.longhaul.controlplane.execution;

import io.longhaul.api.model.ChangeMigration;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.PolicyChange;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Changes what a migration goes by, never where it stands. Thread safe: a change and the command that tells it to the
 * source are one transaction.
 */
@Component
class MigrationChanges {

    private static final Logger log = LoggerFactory.getLogger(MigrationChanges.class);
    /** A slower link cannot carry the protocol's own frames in time; the same bound as at creation. */
    private static final long SLOWEST = 65_536;

    private static final String CAPS = "at least " + SLOWEST + ", or 0 or null for no cap";

    private final MigrationRepository repository;
    private final CommandOutbox outbox;
    private final Transactions transactions;
    private final Json json;
    private final Clock clock;

    MigrationChanges(
            MigrationRepository repository, CommandOutbox outbox, Transactions transactions, Json json, Clock clock) {
        this.repository = repository;
        this.outbox = outbox;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /**
     * @return whether anything is different now
     * @throws io.longhaul.controlplane.problems.ProblemException where there is nothing left to change
     */
    boolean change(String id, ChangeMigration change) {
        check(change);
        return transactions.call(() -> {
            MigrationEntity migration =
                    repository.findForUpdate(id).orElseThrow(() -> MigrationSteps.noSuchMigration(id));
            if (!migration.phase.cancellable()) {
                throw ProblemCode.NOT_CHANGEABLE.exception(
                        "The migration is " + migration.phase + ", where nothing of it can be changed.",
                        migration.phase.name(),
                        "a state before COMPLETING, and no end asked for");
            }
            boolean changed = priority(migration, change) | policy(migration, change.getPolicy());
            if (changed) {
                migration.updatedAt = clock.instant();
            }
            return changed;
        });
    }

    private static void check(ChangeMigration change) {
        PolicyChange policy = change.getPolicy();
        Long cap = policy == null ? null : policy.getMaxBytesPerSecond();
        if (cap != null && cap != 0 && cap < SLOWEST) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The field policy.maxBytesPerSecond is " + cap + "; it must be " + CAPS + ".",
                    cap.toString(),
                    CAPS);
        }
    }

    private static boolean priority(MigrationEntity migration, ChangeMigration change) {
        if (change.getPriority() == null || change.getPriority() == migration.priority) {
            return false;
        }
        migration.priority = change.getPriority();
        return true;
    }

    private boolean policy(MigrationEntity migration, @Nullable PolicyChange change) {
        MigrationPolicy before = MigrationSteps.policy(migration, json);
        if (change == null) {
            return false;
        }
        MigrationPolicy after = MigrationSteps.policy(migration, json);
        if (change.getMaxBytesPerSecond() != null) {
            after.setMaxBytesPerSecond(change.getMaxBytesPerSecond() == 0 ? null : change.getMaxBytesPerSecond());
        }
        if (change.getDowntimeLimitMillis() != null) {
            after.setDowntimeLimitMillis(change.getDowntimeLimitMillis());
        }
        if (after.equals(before)) {
            return false;
        }
        migration.policy = json.write(after);
        migration.policyRevision++;
        if (migration.outgoingOrdered) {
            outbox.policy(migration, after);
        }
        log.info("Migration {} of {}: policy is now {}", migration.id, migration.vmName, migration.policy);
        return true;
    }
}
