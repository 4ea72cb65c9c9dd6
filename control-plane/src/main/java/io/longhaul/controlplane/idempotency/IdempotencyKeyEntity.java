package io.longhaul.controlplane.idempotency;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A key that was used, with the answer once there is one. Owned by its transaction. */
@Entity
@Table(name = "idempotency_key")
class IdempotencyKeyEntity {

    @Id
    private String id = "";

    private String bodyDigest = "";
    private String resourceId = "";
    private @Nullable Integer status;
    private @Nullable String answer;
    private @Nullable String location;
    private Instant createdAt = Instant.EPOCH;

    IdempotencyKeyEntity() {}

    IdempotencyKeyEntity(String id, String bodyDigest, String resourceId, Instant createdAt) {
        this.id = id;
        this.bodyDigest = bodyDigest;
        this.resourceId = resourceId;
        this.createdAt = createdAt;
    }

    void answered(int newStatus, String newLocation, String newAnswer) {
        status = newStatus;
        location = newLocation;
        answer = newAnswer;
    }

    String bodyDigest() {
        return bodyDigest;
    }

    String resourceId() {
        return resourceId;
    }

    @Nullable
    Integer status() {
        return status;
    }

    @Nullable
    String answer() {
        return answer;
    }

    @Nullable
    String location() {
        return location;
    }

    Instant createdAt() {
        return createdAt;
    }
}
