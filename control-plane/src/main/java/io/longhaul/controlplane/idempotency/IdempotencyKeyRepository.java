package io.longhaul.controlplane.idempotency;

import java.time.Instant;
import org.springframework.data.jpa.repository.JpaRepository;

interface IdempotencyKeyRepository extends JpaRepository<IdempotencyKeyEntity, String> {

    long deleteByCreatedAtBefore(Instant moment);
}
