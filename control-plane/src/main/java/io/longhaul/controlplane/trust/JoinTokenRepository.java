package io.longhaul.controlplane.trust;

import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;

interface JoinTokenRepository extends JpaRepository<JoinTokenEntity, String> {

    /** The row is the asker's alone until its transaction ends: a single use cannot be had twice. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    Optional<JoinTokenEntity> findBySecretDigest(String secretDigest);

    List<JoinTokenEntity> findAllByOrderByIdDesc();

    long deleteByExpiresAtBefore(Instant moment);
}
