package io.longhaul.controlplane.trust;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The certificate that a host got last, and whether it still counts. Owned by its transaction. */
@Entity
@Table(name = "host_certificate")
class HostCertificateEntity {

    @Id
    String host = "";

    String keyDigest = "";
    Instant issuedAt = Instant.EPOCH;
    Instant expiresAt = Instant.EPOCH;
    boolean removed;

    @Nullable
    Instant refusedBefore;

    @Version
    @Nullable
    Long version;
}
