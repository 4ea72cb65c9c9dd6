package io.longhaul.controlplane.trust;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A join token without its secret. Owned by its transaction. */
@Entity
@Table(name = "join_token")
class JoinTokenEntity {

    @Id
    String id = "";

    String secretDigest = "";

    @Nullable
    String host;

    boolean singleUse;
    Instant createdAt = Instant.EPOCH;
    Instant expiresAt = Instant.EPOCH;
    int uses;

    @Nullable
    String usedBy;

    @Nullable
    String usedKeyDigest;

    boolean revoked;

    @Version
    @Nullable
    Long version;
}
