package io.longhaul.controlplane.execution;

import java.util.Collection;
import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface HistoryRepository extends JpaRepository<HistoryEntity, Long> {

    List<HistoryEntity> findByMigrationIdInOrderBySequenceNumber(Collection<String> migrationIds);
}
