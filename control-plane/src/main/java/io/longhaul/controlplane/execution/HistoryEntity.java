package io.longhaul.controlplane.execution;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One change of a migration's phase. Never changed once written. */
@Entity
@Table(name = "migration_history")
class HistoryEntity {

    private static final int MOST_REASON = 2000;

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String migrationId = "";

    @Column(name = "sequence_number")
    private int sequenceNumber;

    @Enumerated(EnumType.STRING)
    private MigrationPhase phase = MigrationPhase.QUEUED;

    private Instant happenedAt = Instant.EPOCH;
    private String reason = "";

    HistoryEntity() {}

    HistoryEntity(String migrationId, int sequenceNumber, MigrationPhase phase, Instant happenedAt, String reason) {
        this.migrationId = migrationId;
        this.sequenceNumber = sequenceNumber;
        this.phase = phase;
        this.happenedAt = happenedAt;
        this.reason = reason.length() <= MOST_REASON ? reason : reason.substring(0, MOST_REASON);
    }

    String migrationId() {
        return migrationId;
    }

    int sequenceNumber() {
        return sequenceNumber;
    }

    MigrationPhase phase() {
        return phase;
    }

    Instant happenedAt() {
        return happenedAt;
    }

    String reason() {
        return reason;
    }
}
