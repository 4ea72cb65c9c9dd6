package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MigrationState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Held-back answers, event streams, the queue and its limits. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchTest {

    @TempDir
    static Path folder;

    private RunningControlPlane controlPlane;
    private FakeAgent source;
    private FakeAgent destination;

    @BeforeAll
    void start() {
        controlPlane = new RunningControlPlane(folder, "longhaul.scheduling.max-running-per-host=1");
        source = new FakeAgent("host-a", controlPlane);
        destination = new FakeAgent("host-b", controlPlane);
    }

    @AfterAll
    void stop() {
        source.close();
        destination.close();
        controlPlane.close();
    }

    @Test
    void streamsEveryStateOnceProgressInBetweenAndEnds() {
        Tour tour = Tour.begin(controlPlane, source, destination);
        CompletableFuture<String> events = CompletableFuture.supplyAsync(() -> stream(tour.id, null));
        tour.until(MigrationState.COPYING_DISKS);
        var old = source.side(tour.id);
        source.tell(source.copy(old).progress(new MigrationProgress(100L, 40L, 60L, 0L, 0L, 0L, 50L, 10L)), old);
        Tour.awaitTrue(() -> tour.migration().getProgress() != null);
        // A report that counts less never takes progress back.
        source.tell(source.copy(old).progress(new MigrationProgress(100L, 30L, 70L, 0L, 0L, 0L, 40L, 10L)), old);
        Tour.awaitTrue(() -> tour.migration().getProgress().getDiskBytesRemaining() == 70);
        assertThat(tour.migration().getProgress().getDiskBytesDone()).isEqualTo(40);
        assertThat(tour.cancel().status()).isEqualTo(202);
        String text = events.orTimeout(20, TimeUnit.SECONDS).join();
        List<String> ids = text.lines().filter(line -> line.startsWith("id:")).toList();
        assertThat(ids).containsExactly("id:1", "id:2", "id:3", "id:4", "id:5");
        assertThat(text).contains("event:progress").contains("\"state\":\"CANCELLED\"");
        String rest = stream(tour.id, "4");
        assertThat(rest.lines().filter(line -> line.startsWith("id:"))).containsExactly("id:5");
    }

    @Test
    void showsNoHistoryBeyondTheStateItShows() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        // As when the change is stored between reading the migration and reading its history.
        controlPlane.sql(
                "insert into migration_history (migration_id, sequence_number, phase, happened_at, reason)"
                        + " values (?, 4, 'COPYING_MEMORY', ?, 'Just now')",
                tour.id,
                OffsetDateTime.now(ZoneOffset.UTC));
        Migration shown = tour.migration();
        assertThat(shown.getState()).isEqualTo(MigrationState.COPYING_DISKS);
        assertThat(shown.getHistory()).hasSize(3);
        assertThat(shown.getHistory().get(2).getState()).isEqualTo(shown.getState());
        controlPlane.sql("delete from migration_history where migration_id = ? and sequence_number = 4", tour.id);
        assertThat(tour.cancel().status()).isEqualTo(202);
        tour.await(MigrationState.CANCELLED);
    }

    @Test
    void holdsAnswersBackUntilTheStateChangesOrTheEnd() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        CompletableFuture<Migration> change = waiting(tour.id, "wait=20");
        CompletableFuture<Migration> end = waiting(tour.id, "wait=20&until=end");
        assertThat(waiting(tour.id, "wait=0")
                        .orTimeout(5, TimeUnit.SECONDS)
                        .join()
                        .getState())
                .isEqualTo(MigrationState.PREPARING);
        assertThat(waiting(tour.id, "wait=1&until=end")
                        .orTimeout(5, TimeUnit.SECONDS)
                        .join()
                        .getState())
                .isEqualTo(MigrationState.PREPARING);
        tour.until(MigrationState.COPYING_DISKS);
        assertThat(change.orTimeout(10, TimeUnit.SECONDS).join().getState()).isNotEqualTo(MigrationState.PREPARING);
        assertThat(end).isNotDone();
        assertThat(tour.cancel().status()).isEqualTo(202);
        assertThat(end.orTimeout(10, TimeUnit.SECONDS).join().getState()).isEqualTo(MigrationState.CANCELLED);
    }

    @Test
    void queuesByPriorityAndSaysWhatIsWaitedFor() {
        Tour first = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        Tour second = Tour.begin(controlPlane, source, destination);
        Tour.awaitTrue(() -> second.migration().getWaitingFor() != null);
        assertThat(second.migration().getWaitingFor()).isEqualTo("1 of 1 migrations run on host-a");
        assertThat(second.cancel().status()).isEqualTo(202);
        assertThat(second.migration().getState()).isEqualTo(MigrationState.CANCELLED);
        assertThat(first.cancel().status()).isEqualTo(202);
        first.await(MigrationState.CANCELLED);
        var list = controlPlane.get(
                "/v1/migrations?state=CANCELLED&vm=" + first.vm.getDefinition().getName() + "&host=host-b");
        assertThat(list.json().path("migrations").size()).as(list.body()).isEqualTo(1);
    }

    @Test
    void tellsThoseWhoWatchWhatAQueuedMigrationNowWaitsFor() {
        Tour first = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        Tour second = Tour.begin(controlPlane, source, destination);
        Tour.awaitTrue(() -> second.migration().getWaitingFor() != null);
        // As one that watches from the moment the migration was made sees it: no reason yet, or an old one.
        controlPlane.sql("update migration set waiting_for = 'an earlier reason' where id = ?", second.id);
        CompletableFuture<String> told = CompletableFuture.supplyAsync(
                () -> awaitEvent(second.id, "\"waitingFor\":\"1 of 1 migrations run on host-a\""));
        assertThat(told.orTimeout(20, TimeUnit.SECONDS).join()).contains("\"state\":\"QUEUED\"");
        assertThat(second.cancel().status()).isEqualTo(202);
        assertThat(first.cancel().status()).isEqualTo(202);
        first.await(MigrationState.CANCELLED);
    }

    @Test
    void oneThatCannotBeStartedHoldsUpNoOther() {
        Tour first = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        Tour broken = Tour.begin(controlPlane, source, destination);
        Tour behind = Tour.begin(controlPlane, source, destination);
        controlPlane.sql("update migration set pools = 'no JSON' where id = ?", broken.id);
        assertThat(first.cancel().status()).isEqualTo(202);
        behind.until(MigrationState.COPYING_DISKS);
        assertThat(broken.migration().getState()).isEqualTo(MigrationState.QUEUED);
        assertThat(behind.cancel().status()).isEqualTo(202);
        behind.await(MigrationState.CANCELLED);
        assertThat(broken.cancel().status()).isEqualTo(202);
    }

    @Test
    void forgetsMigrationsThatEndedLongAgoAndNoOthers() {
        Tour recent = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        assertThat(recent.cancel().status()).isEqualTo(202);
        recent.await(MigrationState.CANCELLED);
        Tour old = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        assertThat(old.cancel().status()).isEqualTo(202);
        old.await(MigrationState.CANCELLED);
        Tour running = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        OffsetDateTime longAgo = OffsetDateTime.now(ZoneOffset.UTC).minusDays(91);
        controlPlane.sql("update migration set ended_at = ? where id = ?", longAgo, old.id);
        controlPlane.sql(
                "update migration set created_at = ?, updated_at = ? where id = ?", longAgo, longAgo, running.id);
        // What a host that never came back was still to be told goes as well.
        controlPlane.sql(
                "insert into agent_command (id, migration_id, host, kind, body) values ('cmd-late', ?, 'host-b', 'FORGET', '{}')",
                old.id);
        controlPlane.runScheduled("HistoryRetention.deleteOld");
        assertThat(controlPlane.get("/v1/migrations/" + old.id).code()).isEqualTo("NO_SUCH_MIGRATION");
        assertThat(controlPlane.count("migration_history", "migration_id", old.id))
                .isZero();
        assertThat(controlPlane.count("agent_command", "id", "cmd-late")).isZero();
        assertThat(recent.migration().getState()).isEqualTo(MigrationState.CANCELLED);
        assertThat(recent.migration().getHistory()).isNotEmpty();
        assertThat(running.cancel().status()).isEqualTo(202);
        running.await(MigrationState.CANCELLED);
    }

    private CompletableFuture<Migration> waiting(String id, String query) {
        return CompletableFuture.supplyAsync(
                () -> controlPlane.get("/v1/migrations/" + id + "?" + query).as(Migration.class));
    }

    /** The first event with this text in it. */
    private String awaitEvent(String id, String text) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(controlPlane.url() + "/v1/migrations/" + id + "/events"))
                .build();
        try (Stream<String> lines = HttpClient.newHttpClient()
                .sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .join()
                .body()) {
            return lines.filter(line -> line.contains(text)).findFirst().orElse("the stream ended without it");
        }
    }

    private String stream(String id, @org.jspecify.annotations.Nullable String last) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(controlPlane.url() + "/v1/migrations/" + id + "/events"))
                .timeout(Duration.ofSeconds(20));
        if (last != null) {
            request.header("Last-Event-ID", last);
        }
        return controlPlane.send(request.build()).body();
    }
}
