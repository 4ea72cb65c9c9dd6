package io.longhaul.controlplane.execution;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A migration as it is stored. Owned by its transaction; only MigrationSteps changes the phase. */
@Entity
@Table(name = "migration")
class MigrationEntity {

    @Id
    String id = "";

    UUID vmId = new UUID(0, 0);
    String vmName = "";
    String source = "";
    String destination = "";

    @Enumerated(EnumType.STRING)
    MigrationPhase phase = MigrationPhase.QUEUED;

    int priority;
    long epoch;

    @Nullable
    String token;

    String pools = "";
    String networks = "";
    String policy = "";
    /** Counts the changes of the policy. */
    long policyRevision;

    @Nullable
    String reservation;

    @Nullable
    String waitingFor;

    Instant createdAt = Instant.EPOCH;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant endedAt;

    Instant updatedAt = Instant.EPOCH;
    boolean outgoingOrdered;
    int historyLength;

    @Nullable
    Instant cleanUpOrderedAt;

    @Nullable
    String sourceReport;

    @Nullable
    String destinationReport;

    @Nullable
    String progress;

    @Nullable
    String problem;

    @Nullable
    String receipt;

    @Version
    @Nullable
    Long version;
}
