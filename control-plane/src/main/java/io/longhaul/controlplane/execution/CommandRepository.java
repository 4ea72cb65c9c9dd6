package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.agents.MigrationCommand;
import java.util.Collection;
import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

interface CommandRepository extends JpaRepository<CommandEntity, String> {

    List<CommandEntity> findByMigrationIdOrderById(String migrationId);

    void deleteByMigrationIdAndKindIn(String migrationId, Collection<MigrationCommand.Kind> kinds);

    @Modifying
    @Query("delete from CommandEntity c where c.migrationId in :ids")
    void deleteByMigrationIdIn(@Param("ids") Collection<String> ids);

    @Query("select distinct c.migrationId from CommandEntity c")
    List<String> migrationsWithCommands();
}
