package io.longhaul.controlplane.inventory;

import io.longhaul.api.model.HostInventory;
import io.longhaul.controlplane.agents.AgentAddress;
import java.time.Duration;
import java.time.Instant;

/**
 * A host at one moment.
 *
 * @param age of its last heartbeat, with which the inventory came
 */
public record KnownHost(
        String name,
        String site,
        String agentUrl,
        HostInventory inventory,
        Instant lastHeartbeat,
        Duration age,
        boolean online) {

    public AgentAddress agent() {
        return new AgentAddress(name, agentUrl);
    }
}
