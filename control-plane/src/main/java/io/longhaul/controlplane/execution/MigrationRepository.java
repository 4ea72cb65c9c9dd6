package io.longhaul.controlplane.execution;

import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

interface MigrationRepository extends JpaRepository<MigrationEntity, String> {

    /** The row is the writer's alone until its transaction ends: history and commands are written beside it. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select m from MigrationEntity m where m.id = :id")
    Optional<MigrationEntity> findForUpdate(@Param("id") String id);

    List<MigrationEntity> findByPhaseOrderByPriorityDescIdAsc(MigrationPhase phase);

    List<MigrationEntity> findByPhaseIn(Collection<MigrationPhase> phases);

    long countByPhase(MigrationPhase phase);

    @Query("select m.id from MigrationEntity m where m.phase in :phases and m.endedAt < :moment order by m.endedAt")
    List<String> endedBefore(
            @Param("phases") Collection<MigrationPhase> phases, @Param("moment") Instant moment, Limit limit);

    /** Newest first; ids sort by age. */
    @Query("""
            select m from MigrationEntity m
            where m.phase in :phases
              and (:vm is null or m.vmName = :vm or cast(m.vmId as string) = :vm)
              and (:host is null or m.source = :host or m.destination = :host)
              and (:before is null or m.id < :before)
            order by m.id desc
            """)
    List<MigrationEntity> page(
            @Param("phases") Collection<MigrationPhase> phases,
            @Param("vm") @Nullable String vm,
            @Param("host") @Nullable String host,
            @Param("before") @Nullable String before,
            Limit limit);
}
