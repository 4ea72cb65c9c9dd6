package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.agents.MigrationCommand;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A command that its agent has not acknowledged. Never changed; gone once acknowledged or overtaken. */
@Entity
@Table(name = "agent_command")
class CommandEntity {

    @Id
    private String id = "";

    private String migrationId = "";
    private String host = "";

    @Enumerated(EnumType.STRING)
    private MigrationCommand.Kind kind = MigrationCommand.Kind.ABORT;

    private String body = "";

    CommandEntity() {}

    CommandEntity(String id, String host, MigrationCommand command) {
        this.id = id;
        this.migrationId = command.migrationId();
        this.host = host;
        this.kind = command.kind();
        this.body = command.body();
    }

    PendingCommand pending() {
        return new PendingCommand(id, host, new MigrationCommand(migrationId, kind, body));
    }
}
