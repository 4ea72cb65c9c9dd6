package io.longhaul.controlplane.request;

import io.longhaul.controlplane.config.ApiProperties;
import io.longhaul.controlplane.execution.Migrations;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.progress.MigrationFeed;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Opens event streams; written by hand, because the generated interface has no streams. Immutable. */
@RestController
class EventsController {

    private final Migrations migrations;
    private final MigrationFeed feed;
    private final ApiProperties properties;
    private final EventStream.Surroundings surroundings;

    EventsController(
            Migrations migrations,
            MigrationFeed feed,
            ApiProperties properties,
            Clock clock,
            @Qualifier("watchers") ExecutorService watchers,
            ScheduledExecutorService timers) {
        this.migrations = migrations;
        this.feed = feed;
        this.properties = properties;
        this.surroundings =
                new EventStream.Surroundings(migrations, properties.progressEventInterval(), clock, watchers, timers);
    }

    @GetMapping(value = "/v1/migrations/{migrationId}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter streamMigrationEvents(
            @PathVariable String migrationId,
            @RequestHeader(value = "Last-Event-ID", required = false) @Nullable String lastEventId) {
        // A stream of a migration that does not exist is a problem, not an empty stream.
        String id = migrations.require(migrationId).getId();
        SseEmitter emitter = new SseEmitter(0L);
        EventStream stream = new EventStream(id, lastSeen(lastEventId), emitter, surroundings);
        Runnable leave = feed.watch(id, stream::wake)
                .orElseThrow(() -> ProblemCode.TOO_MANY_WATCHERS.exception(
                        "Too many event streams and held-back answers are open.",
                        properties.maxWatchers() + "",
                        "fewer than that"));
        emitter.onCompletion(() -> {
            leave.run();
            stream.close();
        });
        stream.wake();
        return emitter;
    }

    private static int lastSeen(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.isBlank()) {
            return 0;
        }
        try {
            return Math.max(0, Integer.parseInt(lastEventId.strip()));
        } catch (NumberFormatException e) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The header Last-Event-ID is not one the stream gave.", lastEventId, "the id of a state event");
        }
    }
}
