package io.longhaul.agent.migrations;

import io.longhaul.api.agent.model.PutPolicy;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes policies of migrations under way. Thread safe. Remembers the newest revision of each side there is, and no
 * longer: a change that comes twice, or after a newer one, changes nothing. A restart of the agent ends every side that
 * could still be changed, so nothing of this is kept on disk.
 */
public final class PolicyCommands {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyCommands.class);

    private final MigrationEngine engine;
    private final Map<String, Long> revisions = new HashMap<>();

    public PolicyCommands(MigrationEngine engine) {
        this.engine = engine;
    }

    synchronized void change(String migrationId, PutPolicy command) {
        MigrationSide side = engine.find(migrationId).orElseThrow(() -> MigrationCommands.unknown(migrationId));
        MigrationCommands.requireEpoch(side.epoch(), command.getEpoch(), migrationId);
        IncomingCommands.requireSame(side.role() == MigrationSide.Role.SOURCE, migrationId);
        revisions
                .keySet()
                .retainAll(
                        engine.sides().stream().map(MigrationSide::migrationId).collect(Collectors.toSet()));
        long known = revisions.getOrDefault(migrationId, 0L);
        if (command.getRevision() <= known) {
            LOG.debug("Passing over the policy {} of {}: {} is in force", command.getRevision(), migrationId, known);
            return;
        }
        revisions.put(migrationId, command.getRevision());
        LOG.info("The policy of the migration {} is changed: {}", migrationId, command.getPolicy());
        side.changePolicy(SideModels.policy(command.getPolicy()));
    }
}
