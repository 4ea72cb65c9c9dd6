package io.longhaul.controlplane.inventory;

import org.springframework.data.jpa.repository.JpaRepository;

interface HostRepository extends JpaRepository<HostEntity, String> {}
