package io.longhaul.controlplane.inventory;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A host as it is stored. Owned by its transaction. */
@Entity
@Table(name = "host")
class HostEntity {

    @Id
    private String name = "";

    private String site = "";
    private String agentUrl = "";
    private String inventory = "";
    private Instant lastHeartbeat = Instant.EPOCH;

    @Version
    private @Nullable Long version;

    HostEntity() {}

    HostEntity(String name) {
        this.name = name;
    }

    void registered(String newSite, String newUrl) {
        site = newSite;
        agentUrl = newUrl;
    }

    void seen(String newInventory, Instant at) {
        inventory = newInventory;
        lastHeartbeat = at;
    }

    String name() {
        return name;
    }

    String site() {
        return site;
    }

    String agentUrl() {
        return agentUrl;
    }

    String inventory() {
        return inventory;
    }

    Instant lastHeartbeat() {
        return lastHeartbeat;
    }
}
