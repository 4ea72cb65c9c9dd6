package io.longhaul.controlplane.execution;

import java.util.Collection;
import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

interface HistoryRepository extends JpaRepository<HistoryEntity, Long> {

    @Modifying
    @Query("delete from HistoryEntity h where h.migrationId in :ids")
    void deleteByMigrationIdIn(@Param("ids") Collection<String> ids);

    List<HistoryEntity> findByMigrationIdInOrderBySequenceNumber(Collection<String> migrationIds);
}
