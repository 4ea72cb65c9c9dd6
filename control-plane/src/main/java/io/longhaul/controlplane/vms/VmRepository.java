package io.longhaul.controlplane.vms;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

interface VmRepository extends JpaRepository<VmEntity, UUID> {

    Optional<VmEntity> findByName(String name);

    List<VmEntity> findByNameGreaterThanOrderByName(String after, Limit limit);

    List<VmEntity> findByHostAndNameGreaterThanOrderByName(String host, String after, Limit limit);
}
