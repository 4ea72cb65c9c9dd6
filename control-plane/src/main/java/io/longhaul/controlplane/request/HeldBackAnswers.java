package io.longhaul.controlplane.request;

import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.WaitUntil;
import io.longhaul.controlplane.execution.MigrationPhase;
import io.longhaul.controlplane.execution.Migrations;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.progress.MigrationFeed;
import io.longhaul.controlplane.support.SerialTask;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/** Answers that wait for a migration to change or end. Thread safe; no thread is held while an answer waits. */
@Component
class HeldBackAnswers {

    private static final int MOST_SECONDS = 3600;

    private final Migrations migrations;
    private final MigrationFeed feed;
    private final ExecutorService watchers;
    private final ScheduledExecutorService timers;

    HeldBackAnswers(
            Migrations migrations,
            MigrationFeed feed,
            @Qualifier("watchers") ExecutorService watchers,
            ScheduledExecutorService timers) {
        this.migrations = migrations;
        this.feed = feed;
        this.watchers = watchers;
        this.timers = timers;
    }

    /** Too many waiting: answered at once, as if the time were over, which every client must expect anyway. */
    DeferredResult<ResponseEntity<Migration>> answer(String id, int waitSeconds, WaitUntil until) {
        if (waitSeconds < 0 || waitSeconds > MOST_SECONDS) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The parameter wait is out of range.", waitSeconds + "", "0 to " + MOST_SECONDS + " seconds");
        }
        MigrationState before = migrations.require(id).getState();
        DeferredResult<ResponseEntity<Migration>> result =
                new DeferredResult<>(Math.max(1, Duration.ofSeconds(waitSeconds).toMillis()));
        SerialTask look = new SerialTask("A held-back answer", watchers, timers, () -> look(id, before, until, result));
        Optional<Runnable> leave = feed.watch(id, look::wake);
        if (leave.isEmpty() || waitSeconds == 0) {
            leave.ifPresent(Runnable::run);
            result.setResult(now(id));
            return result;
        }
        result.onTimeout(() -> result.setResult(now(id)));
        result.onCompletion(() -> {
            leave.get().run();
            look.close();
        });
        // What happened between looking and watching woke nobody.
        look.wake();
        return result;
    }

    private void look(
            String id, MigrationState before, WaitUntil until, DeferredResult<ResponseEntity<Migration>> result) {
        Migration migration = migrations.require(id);
        boolean ended = MigrationPhase.valueOf(migration.getState().name()).terminal();
        boolean changed = migration.getState() != before;
        boolean enough = switch (until) {
            case CHANGE -> changed || ended;
            case END -> ended;
        };
        if (enough) {
            result.setResult(ResponseEntity.ok(migration));
        }
    }

    private ResponseEntity<Migration> now(String id) {
        return ResponseEntity.ok(migrations.require(id));
    }
}
