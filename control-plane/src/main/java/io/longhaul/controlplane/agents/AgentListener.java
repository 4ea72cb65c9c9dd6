package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.Registration;

/**
 * Hears what agents say. Called on request threads, in the order of {@code @Order}; must not block on an agent. A
 * ProblemException becomes the answer to the agent and ends the round.
 */
public interface AgentListener {

    /** An agent started, or something about its host changed. The same again changes nothing. */
    default void onRegistration(String host, Registration registration) {}

    /** An agent lives. */
    default void onHeartbeat(String host, Heartbeat heartbeat) {}

    /** One side of a migration as it is now; may be old, repeated, or of a migration that is not known. */
    default void onMigrationReport(String host, MigrationReport report) {}
}
