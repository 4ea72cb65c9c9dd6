package io.longhaul.controlplane.request;

import io.longhaul.api.MigrationsApi;
import io.longhaul.api.model.ChangeMigration;
import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationList;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.WaitUntil;
import io.longhaul.controlplane.execution.MigrationPhase;
import io.longhaul.controlplane.execution.Migrations;
import io.longhaul.controlplane.idempotency.IdempotencyKeys;
import io.longhaul.controlplane.problems.Cursor;
import io.longhaul.controlplane.support.Identifiers;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** Requests about migrations. Immutable. */
@RestController
class MigrationsController implements MigrationsApi {

    private static final String PATH = "/v1/migrations/";
    private static final int ACCEPTED = 202;

    private final MigrationRequests requests;
    private final Migrations migrations;
    private final HeldBackAnswers heldBack;
    private final IdempotencyKeys keys;
    private final Identifiers identifiers;

    MigrationsController(
            MigrationRequests requests,
            Migrations migrations,
            HeldBackAnswers heldBack,
            IdempotencyKeys keys,
            Identifiers identifiers) {
        this.requests = requests;
        this.migrations = migrations;
        this.heldBack = heldBack;
        this.keys = keys;
        this.identifiers = identifiers;
    }

    @Override
    public ResponseEntity<Migration> createMigration(CreateMigration createMigration, @Nullable String idempotencyKey) {
        var answer = keys.once(
                "createMigration",
                idempotencyKey,
                createMigration,
                Migration.class,
                () -> identifiers.sorted("mig-"),
                id -> {
                    Migration migration = requests.create(id, createMigration);
                    return new IdempotencyKeys.Answer<>(ACCEPTED, PATH + migration.getId(), migration);
                });
        return ResponseEntity.accepted().location(URI.create(answer.location())).body(answer.body());
    }

    @Override
    public ResponseEntity<Migration> changeMigration(String migrationId, ChangeMigration changeMigration) {
        return ResponseEntity.ok(migrations.change(migrationId, changeMigration));
    }

    @Override
    public ResponseEntity<Migration> cancelMigration(String migrationId) {
        return ResponseEntity.accepted().body(migrations.cancel(migrationId));
    }

    @Override
    public ResponseEntity<Migration> getMigration(String migrationId, Integer wait, WaitUntil until) {
        return ResponseEntity.ok(migrations.require(migrationId));
    }

    /** The same with `wait`: answered later, without a thread that waits. */
    @GetMapping(value = MigrationsApi.PATH_GET_MIGRATION, params = "wait", produces = "application/json")
    DeferredResult<ResponseEntity<Migration>> awaitMigration(
            @PathVariable String migrationId,
            @RequestParam int wait,
            @RequestParam(defaultValue = "change") WaitUntil until) {
        return heldBack.answer(migrationId, wait, until);
    }

    @Override
    public ResponseEntity<MigrationList> listMigrations(
            @Nullable List<MigrationState> state,
            @Nullable String vm,
            @Nullable String host,
            @Nullable String cursor,
            Integer limit) {
        List<MigrationPhase> phases = state == null
                ? List.of()
                : state.stream().map(one -> MigrationPhase.valueOf(one.name())).toList();
        String before = cursor == null ? null : Cursor.read(cursor);
        // One more than a page tells whether another follows.
        List<Migration> found = migrations.list(new Migrations.Filter(phases, vm, host, before), limit + 1);
        List<Migration> page = found.subList(0, Math.min(limit, found.size()));
        MigrationList list = new MigrationList(page);
        if (found.size() > limit) {
            list.nextCursor(Cursor.write(page.get(limit - 1).getId()));
        }
        return ResponseEntity.ok(list);
    }
}
