package io.longhaul.controlplane.request;

import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.StateChange;
import io.longhaul.controlplane.execution.MigrationPhase;
import io.longhaul.controlplane.execution.Migrations;
import io.longhaul.controlplane.support.SerialTask;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One client's events. Its look runs on one thread at a time and writes what the client has not seen: every change of
 * state once and in order, progress as it is now. The id of a state event is its place in the history.
 */
final class EventStream {

    private static final Logger log = LoggerFactory.getLogger(EventStream.class);
    /** A comment line now and then lets proxies and both ends notice a dead connection. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    /** What all streams share. */
    record Surroundings(
            Migrations migrations,
            Duration progressInterval,
            Clock clock,
            ExecutorService watchers,
            ScheduledExecutorService timers) {}

    private final String migrationId;
    private final SseEmitter emitter;
    private final Migrations migrations;
    private final Duration progressInterval;
    private final Clock clock;
    private final SerialTask task;

    private int sent;
    private Instant written;
    private Instant progressWritten = Instant.EPOCH;
    private Between lastBetween = new Between(null, null);

    /** What changes while the state does not. */
    private record Between(
            @Nullable MigrationProgress progress, @Nullable String waitingFor) {
        static Between of(Migration migration) {
            return new Between(migration.getProgress(), migration.getWaitingFor());
        }

        boolean isEmpty() {
            return progress == null && waitingFor == null;
        }
    }

    EventStream(String migrationId, int sent, SseEmitter emitter, Surroundings with) {
        this.migrationId = migrationId;
        this.sent = sent;
        this.emitter = emitter;
        this.migrations = with.migrations();
        this.progressInterval = with.progressInterval();
        this.clock = with.clock();
        this.written = clock.instant();
        this.task = new SerialTask("Events of " + migrationId, with.watchers(), with.timers(), this::look);
    }

    /** Any thread. */
    void wake() {
        task.wake();
    }

    void close() {
        task.close();
    }

    private void look() {
        try {
            Migration migration = migrations.require(migrationId);
            states(migration);
            if (MigrationPhase.valueOf(migration.getState().name()).terminal()) {
                emitter.complete();
                return;
            }
            progress(migration);
            keepAlive();
        } catch (IOException | IllegalStateException e) {
            log.debug("The events of {} end: the client is gone", migrationId);
            task.close();
            emitter.completeWithError(e);
        }
    }

    private void states(Migration migration) throws IOException {
        List<StateChange> history = migration.getHistory();
        for (int place = sent + 1; place <= history.size(); place++) {
            Migration then = place == history.size() ? migration : at(migration, place);
            write(SseEmitter.event().name("state").id(String.valueOf(place)), then);
            sent = place;
        }
    }

    private void progress(Migration migration) throws IOException {
        Between between = Between.of(migration);
        if (between.isEmpty() || between.equals(lastBetween)) {
            return;
        }
        Instant now = clock.instant();
        Instant due = progressWritten.plus(progressInterval);
        if (now.isBefore(due)) {
            task.wakeAfter(Duration.between(now, due));
            return;
        }
        write(SseEmitter.event().name("progress"), migration);
        progressWritten = now;
        lastBetween = between;
    }

    private void keepAlive() throws IOException {
        Instant now = clock.instant();
        if (!now.isBefore(written.plus(KEEP_ALIVE))) {
            emitter.send(SseEmitter.event().comment("still here"));
            written = now;
        }
        task.wakeAfter(KEEP_ALIVE);
    }

    private void write(SseEmitter.SseEventBuilder event, Migration migration) throws IOException {
        emitter.send(event.data(migration, MediaType.APPLICATION_JSON));
        written = clock.instant();
    }

    /** The migration as it was when its history was that long; figures that are not kept are left out. */
    private static Migration at(Migration migration, int place) {
        StateChange change = migration.getHistory().get(place - 1);
        MigrationPhase phase = MigrationPhase.valueOf(change.getState().name());
        return new Migration(
                        migration.getId(),
                        migration.getVmId(),
                        migration.getVmName(),
                        migration.getSource(),
                        migration.getDestination(),
                        change.getState(),
                        phase.owner(),
                        phase.cancellable(),
                        migration.getPriority(),
                        migration.getEpoch(),
                        migration.getCreatedAt(),
                        change.getAt(),
                        migration.getPolicy(),
                        migration.getHistory().subList(0, place))
                .startedAt(change.getState() == MigrationState.QUEUED ? null : migration.getStartedAt());
    }
}
