package io.longhaul.agent.migrations;

import io.longhaul.api.agent.AgentMigrationsApi;
import io.longhaul.api.agent.model.AgentMigrationList;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.PutIncoming;
import io.longhaul.api.agent.model.PutOutgoing;
import io.longhaul.api.agent.model.PutPolicy;
import io.longhaul.api.agent.model.PutResolution;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Serves the commands about migrations. Thread safe. */
@RestController
class AgentMigrationsController implements AgentMigrationsApi {
    private final IncomingCommands incoming;
    private final OutgoingCommands outgoing;
    private final MigrationCommands commands;
    private final PolicyCommands policies;
    private final MigrationReports reports;

    AgentMigrationsController(
            IncomingCommands incoming,
            OutgoingCommands outgoing,
            MigrationCommands commands,
            PolicyCommands policies,
            MigrationReports reports) {
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.commands = commands;
        this.policies = policies;
        this.reports = reports;
    }

    @Override
    public ResponseEntity<AgentMigrationList> listAgentMigrations() {
        return ResponseEntity.ok(new AgentMigrationList(reports.all()));
    }

    @Override
    public ResponseEntity<MigrationReport> getAgentMigration(String migrationId) {
        return ResponseEntity.ok(report(migrationId));
    }

    @Override
    public ResponseEntity<Void> forgetAgentMigration(String migrationId, Boolean deleteSourceDisks) {
        commands.forget(migrationId, deleteSourceDisks);
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<MigrationReport> putIncoming(String migrationId, PutIncoming command) {
        incoming.receive(migrationId, command);
        return ResponseEntity.accepted().body(report(migrationId));
    }

    @Override
    public ResponseEntity<MigrationReport> putOutgoing(String migrationId, PutOutgoing command) {
        return ResponseEntity.accepted().body(reports.of(outgoing.send(migrationId, command)));
    }

    @Override
    public ResponseEntity<MigrationReport> abortAgentMigration(Long epoch, MigrationRole role, String migrationId) {
        commands.abort(migrationId, SideModels.role(role), epoch);
        return ResponseEntity.accepted().body(report(migrationId));
    }

    @Override
    public ResponseEntity<MigrationReport> putPolicy(String migrationId, PutPolicy command) {
        policies.change(migrationId, command);
        return ResponseEntity.accepted().body(report(migrationId));
    }

    @Override
    public ResponseEntity<MigrationReport> putResolution(String migrationId, PutResolution command) {
        commands.resolve(migrationId, command.getEpoch(), SideModels.decision(command.getDecision()));
        return ResponseEntity.accepted().body(report(migrationId));
    }

    private MigrationReport report(String migrationId) {
        return reports.find(migrationId).orElseThrow(() -> MigrationCommands.unknown(migrationId));
    }
}
