package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.Decision;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.PutIncoming;
import io.longhaul.api.agent.model.PutOutgoing;
import io.longhaul.api.agent.model.PutPolicy;
import io.longhaul.api.agent.model.PutResolution;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.controlplane.agents.MigrationCommand;
import io.longhaul.controlplane.agents.MigrationCommand.Kind;
import io.longhaul.controlplane.support.Identifiers;
import io.longhaul.controlplane.support.Json;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import org.springframework.stereotype.Component;

/** Commands that are stored with the change of state that asks for them. Every method joins the caller's transaction. */
@Component
class CommandOutbox {

    private final CommandRepository repository;
    private final Identifiers identifiers;
    private final Json json;

    CommandOutbox(CommandRepository repository, Identifiers identifiers, Json json) {
        this.repository = repository;
        this.identifiers = identifiers;
        this.json = json;
    }

    void incoming(MigrationEntity migration, PutIncoming order) {
        put(migration, migration.destination, Kind.INCOMING, order);
    }

    void outgoing(MigrationEntity migration, PutOutgoing order) {
        put(migration, migration.source, Kind.OUTGOING, order);
    }

    /** An older one that was not heard is not wanted any more; the revision makes one under way harmless. */
    void policy(MigrationEntity migration, MigrationPolicy policy) {
        repository.deleteByMigrationIdAndKindIn(migration.id, EnumSet.of(Kind.POLICY));
        put(migration, migration.source, Kind.POLICY, new PutPolicy(migration.epoch, migration.policyRevision, policy));
    }

    /** What was not acknowledged yet is taken back: an abort closes the id, so it would have no effect any more. */
    void abortBoth(MigrationEntity migration) {
        repository.deleteByMigrationIdAndKindIn(migration.id, EnumSet.of(Kind.INCOMING, Kind.OUTGOING, Kind.POLICY));
        var source = new MigrationCommand.AbortOrder(migration.epoch, MigrationRole.SOURCE);
        var destination = new MigrationCommand.AbortOrder(migration.epoch, MigrationRole.DESTINATION);
        put(migration, migration.source, Kind.ABORT, source);
        put(migration, migration.destination, Kind.ABORT, destination);
    }

    /** An abort that was not heard is not wanted any more. */
    void takeBackAborts(MigrationEntity migration) {
        repository.deleteByMigrationIdAndKindIn(migration.id, EnumSet.of(Kind.ABORT));
    }

    void inform(MigrationEntity migration, Decision decision) {
        repository.deleteByMigrationIdAndKindIn(migration.id, EnumSet.of(Kind.RESOLUTION));
        put(migration, migration.source, Kind.RESOLUTION, new PutResolution(migration.epoch, decision));
    }

    void forgetBoth(MigrationEntity migration, boolean deleteSourceDisks) {
        repository.deleteByMigrationIdAndKindIn(migration.id, EnumSet.complementOf(EnumSet.of(Kind.FORGET)));
        put(migration, migration.source, Kind.FORGET, new MigrationCommand.ForgetOrder(deleteSourceDisks));
        put(migration, migration.destination, Kind.FORGET, new MigrationCommand.ForgetOrder(false));
    }

    void acknowledged(Collection<String> ids) {
        repository.deleteAllById(ids.stream().filter(repository::existsById).toList());
    }

    List<PendingCommand> pending(String migrationId) {
        return repository.findByMigrationIdOrderById(migrationId).stream()
                .map(CommandEntity::pending)
                .toList();
    }

    private void put(MigrationEntity migration, String host, Kind kind, Object body) {
        MigrationCommand command = new MigrationCommand(migration.id, kind, json.write(body));
        repository.save(new CommandEntity(identifiers.sorted("cmd-"), host, command));
    }
}
