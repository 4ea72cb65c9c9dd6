package io.longhaul.controlplane.trust;

import org.springframework.data.jpa.repository.JpaRepository;

interface HostCertificateRepository extends JpaRepository<HostCertificateEntity, String> {}
