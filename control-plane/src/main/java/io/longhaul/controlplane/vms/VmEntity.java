package io.longhaul.controlplane.vms;

import io.longhaul.api.model.VmState;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A machine as it is stored. Owned by its transaction. */
@Entity
@Table(name = "vm")
class VmEntity {

    /** Names are stored. */
    enum Lifecycle {
        /** The agent has been, or is about to be, told; it has not confirmed. */
        CREATING,
        READY
    }

    @Id
    private UUID id = new UUID(0, 0);

    private String name = "";
    private String host = "";

    @Enumerated(EnumType.STRING)
    private Lifecycle lifecycle = Lifecycle.CREATING;

    @Enumerated(EnumType.STRING)
    private VmState lastState = VmState.STOPPED;

    private long epoch;
    private String definition = "";
    private String requestedDefinition = "";
    private @Nullable String activeMigration;

    @Version
    private @Nullable Long version;

    VmEntity() {}

    VmEntity(UUID id, String name, String host, String definition) {
        this.id = id;
        this.name = name;
        this.host = host;
        this.definition = definition;
        this.requestedDefinition = definition;
        this.epoch = 1;
    }

    void created(String exactDefinition, VmState state) {
        lifecycle = Lifecycle.READY;
        definition = exactDefinition;
        lastState = state;
    }

    void observed(VmState state) {
        lastState = state;
    }

    void lock(@Nullable String migrationId) {
        activeMigration = migrationId;
    }

    long nextEpoch() {
        return ++epoch;
    }

    void handedOver(String newHost, String newDefinition) {
        host = newHost;
        definition = newDefinition;
        lastState = VmState.RUNNING;
    }

    UUID id() {
        return id;
    }

    String name() {
        return name;
    }

    String host() {
        return host;
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    VmState lastState() {
        return lastState;
    }

    long epoch() {
        return epoch;
    }

    String definition() {
        return definition;
    }

    String requestedDefinition() {
        return requestedDefinition;
    }

    @Nullable
    String activeMigration() {
        return activeMigration;
    }
}
