package io.longhaul.agent;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.vms.GuestHost.GuestState;
import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.TransferPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import tools.jackson.databind.JsonNode;

/** The commands about migrations, over HTTP. */
@NullUnmarked // Spring sets the field
class MigrationCommandsTest extends AgentOverHttp {
    @Autowired
    @Qualifier("preparations")
    ExecutorService preparations;

    @Test
    void aMachineArrivesWithItsBootFiles() throws IOException, InterruptedException {
        String migration = "in-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("the kernel")));
        String body = incoming(2, "the kernel");
        assertThat(expect(202, call("PUT", path(migration, "incoming"), body))
                        .path("phase")
                        .asString())
                .isEqualTo("PREPARING");
        expect(202, call("PUT", path(migration, "incoming"), body));
        expectProblem(409, "COMMAND_CONFLICT", call("PUT", path(migration, "incoming"), incoming(3, "the kernel")));
        assertThat(scripted().ordered(migration).await(10, TimeUnit.SECONDS)).isTrue();
        IncomingOrder order =
                (IncomingOrder) Objects.requireNonNull(scripted().orders.get(migration));
        assertThat(order.guest().boot().kernel().orElseThrow()).hasContent("the kernel");
        assertThat(order.guest().disks().get(0).file().getFileName().toString()).isEqualTo("moving.root.2.raw");
        assertThat(order.guest().disks().get(0).sizeBytes()).isEqualTo(4096);

        scripted().move(migration, SidePhase.PREPARED);
        JsonNode prepared = expect(200, call("GET", path(migration, ""), ""));
        assertThat(prepared.path("transferAddress").asString()).isEqualTo("127.0.0.1:7071");
        assertThat(prepared.at("/definition/disks/0/existingFile").asString()).endsWith("moving.root.2.raw");
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
        expectProblem(409, "VM_IN_MIGRATION", call("DELETE", "/agent/v1/vms/" + id, ""));

        scripted().move(migration, SidePhase.TAKEN);
        guests().states.put(id, GuestState.RUNNING);
        JsonNode here = expect(200, call("GET", "/agent/v1/vms/" + id, ""));
        assertThat(here.path("epoch").asLong()).isEqualTo(2);
        assertThat(here.path("state").asString()).isEqualTo("RUNNING");
        expectProblem(409, "MIGRATION_NOT_ENDED", call("DELETE", path(migration, ""), ""));
        scripted().move(migration, SidePhase.COMPLETED);
        expect(204, call("DELETE", path(migration, ""), ""));
        expectProblem(404, "NO_SUCH_MIGRATION", call("GET", path(migration, ""), ""));
        expect(200, call("GET", "/agent/v1/vms/" + id, ""));
    }

    @Test
    void anArrivalIsOfferedTheTemplateAndTheOlderCopyThatItAsksFor() throws IOException, InterruptedException {
        Files.write(folder.resolve("data/templates/base.raw"), new byte[4096]);
        Path older = Files.write(folder.resolve("pool/moving.root.1.raw"), new byte[4096]);
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("the kernel")));
        String plain = incoming(2, "the kernel");
        String traversal = plain.replace("\"policy\":{}", "\"policy\":{\"seeds\":{\"root\":\"../lock\"}}");
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", path("bad-" + shortId(), "incoming"), traversal));
        String body = plain.replace(
                "\"policy\":{}", "\"policy\":{\"seeds\":{\"root\":\"base.raw\"},\"reuseExistingDisks\":true}");
        String migration = "seeded-" + shortId();
        expect(202, call("PUT", path(migration, "incoming"), body));
        assertThat(scripted().ordered(migration).await(10, TimeUnit.SECONDS)).isTrue();
        IncomingOrder order =
                (IncomingOrder) Objects.requireNonNull(scripted().orders.get(migration));
        assertThat(order.seeds().get("root"))
                .extracting(seed -> seed.file().getFileName().toString())
                .containsExactly("moving.root.1.raw", "base.raw");
        assertThat(order.notes()).isEmpty();

        // Claimed: no machine may be made of it meanwhile.
        String adopting = "{\"epoch\":1,\"definition\":{\"name\":\"thief\",\"memoryBytes\":16777216,"
                + "\"disks\":[{\"name\":\"root\",\"existingFile\":\"moving.root.1.raw\"}]}}";
        expectProblem(409, "IMAGE_IN_USE", call("PUT", "/agent/v1/vms/" + UUID.randomUUID(), adopting));
        expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=DESTINATION", ""));
        expect(204, call("DELETE", path(migration, ""), ""));
        assertThat(older).exists();
        Files.delete(older);
    }

    @Test
    void anArrivalForWhichThereIsNoRoomIsNotWrittenDown() throws IOException, InterruptedException {
        String migration = "large-" + shortId();
        String body =
                incoming(2, "the kernel").replace("\"allocatedBytes\":4096", "\"allocatedBytes\":1125899906842624");
        expectProblem(409, "NOT_ENOUGH_SPACE", call("PUT", path(migration, "incoming"), body));
        expectProblem(404, "NO_SUCH_MIGRATION", call("GET", path(migration, ""), ""));
        assertThat(folder.resolve("data/incoming/" + migration + ".json")).doesNotExist();
    }

    @Test
    void anArrivalWithoutItsBootFileEndsWithAProblem() throws IOException, InterruptedException {
        String migration = "short-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("another kernel")));
        expect(202, call("PUT", path(migration, "incoming"), incoming(2, "the kernel")));
        JsonNode report = awaitPhase(migration, "ABORTED");
        assertThat(report.at("/problem/code").asString()).isEqualTo("BOOT_FILE_UNAVAILABLE");
        assertThat(scripted().orders).doesNotContainKey(migration);
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
        expect(204, call("DELETE", path(migration, ""), ""));
    }

    @Test
    void aCancelledArrivalLeavesNothingInTheDataFolder() throws IOException, InterruptedException {
        String migration = "gone-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("a kernel to leave")));
        expect(202, call("PUT", path(migration, "incoming"), incoming(2, "a kernel to leave")));
        assertThat(scripted().ordered(migration).await(10, TimeUnit.SECONDS)).isTrue();
        Path file = folder.resolve("data/boot-files/" + sha256("a kernel to leave"));
        Path log = Files.writeString(folder.resolve("data/serial/" + id + ".2.log"), "booted");
        assertThat(file).exists();
        expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=DESTINATION", ""));
        assertThat(file).doesNotExist();
        assertThat(log).doesNotExist();
        // As a fetch does that was under way.
        Files.writeString(file, "a kernel to leave");
        expect(204, call("DELETE", path(migration, ""), ""));
        assertThat(file).doesNotExist();
        assertThat(folder.resolve("data/incoming/" + migration + ".json")).doesNotExist();
    }

    /** Its source would keep a thread, and a file that has been begun, for as long as it is silent. */
    @Test
    void anArrivalThatIsAbortedFetchesNothingMore() throws IOException, InterruptedException {
        String migration = "slow-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("a slow kernel").withChunkedDribbleDelay(10, 60_000)));
        expect(202, call("PUT", path(migration, "incoming"), incoming(2, "a slow kernel")));
        expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=DESTINATION", ""));
        int threads = ((ThreadPoolExecutor) preparations).getCorePoolSize();
        CountDownLatch free = new CountDownLatch(threads);
        CountDownLatch end = new CountDownLatch(1);
        try {
            for (int count = 0; count < threads; count++) {
                preparations.execute(() -> {
                    free.countDown();
                    awaitQuietly(end);
                });
            }
            assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            end.countDown();
        }
        assertThat(folder.resolve("data/boot-files")).isDirectoryNotContaining("glob:**.unfinished");
        expect(204, call("DELETE", path(migration, ""), ""));
    }

    /** Else it would be PREPARING until the agent is started again. */
    @Test
    void anArrivalThatNobodyCanPrepareEndsAtOnce() throws IOException, InterruptedException {
        String migration = "many-" + shortId();
        CountDownLatch end = new CountDownLatch(1);
        try {
            assertThatThrownBy(() -> fill(end)).isInstanceOf(RejectedExecutionException.class);
            JsonNode report = expect(202, call("PUT", path(migration, "incoming"), incoming(5, "the kernel")));
            assertThat(report.path("phase").asString()).isEqualTo("ABORTED");
            assertThat(report.at("/problem/code").asString()).isEqualTo("BOOT_FILE_UNAVAILABLE");
            expect(204, call("DELETE", path(migration, ""), ""));
        } finally {
            end.countDown();
        }
    }

    /** Every thread has work before the queue is filled; else one of them could still empty a place in it. */
    private void fill(CountDownLatch end) {
        int threads = ((ThreadPoolExecutor) preparations).getCorePoolSize();
        CountDownLatch begun = new CountDownLatch(threads);
        for (int count = 0; count < 1000; count++) {
            preparations.execute(() -> {
                begun.countDown();
                awaitQuietly(end);
            });
            if (count == threads - 1) {
                awaitQuietly(begun);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anAbortBeforeTheCommandClosesItsId() throws IOException, InterruptedException {
        String migration = "late-" + shortId();
        JsonNode closed = expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=DESTINATION", ""));
        assertThat(closed.path("phase").asString()).isEqualTo("ABORTED");
        expectProblem(409, "COMMAND_CONFLICT", call("PUT", path(migration, "incoming"), incoming(2, "the kernel")));
    }

    @Test
    void aMachineLeavesAndIsNeverStartedAgain() throws IOException, InterruptedException {
        String migration = "out-" + shortId();
        JsonNode vm = make("leaving", 1);
        Path disk = Path.of(vm.at("/definition/disks/0/existingFile").asString());
        String body = outgoing(2);
        expectProblem(409, "VM_NOT_RUNNING", call("PUT", path(migration, "outgoing"), body));
        start(2);
        expect(202, call("PUT", path(migration, "outgoing"), body));
        expect(202, call("PUT", path(migration, "outgoing"), body));
        expectProblem(409, "VM_IN_MIGRATION", call("PUT", path("second-" + shortId(), "outgoing"), outgoing(3)));
        expectProblem(409, "VM_IN_MIGRATION", call("POST", "/agent/v1/vms/" + id + "/stop?epoch=3", ""));
        expectProblem(409, "STALE_EPOCH", call("PUT", path("third-" + shortId(), "outgoing"), outgoing(1)));

        scripted().move(migration, SidePhase.RELEASED);
        guests().states.remove(id);
        expectProblem(404, "NO_SUCH_VM", call("POST", "/agent/v1/vms/" + id + "/start?epoch=9", ""));
        scripted().move(migration, SidePhase.COMPLETED);
        expect(202, call("PUT", path(migration, "outgoing"), body));
        assertThat(disk).exists();
        assertThat(folder.resolve("data/released/" + migration + ".json")).exists();
        expect(204, call("DELETE", path(migration, "") + "?deleteSourceDisks=true", ""));
        expect(204, call("DELETE", path(migration, "") + "?deleteSourceDisks=true", ""));
        assertThat(disk).doesNotExist();
        assertThat(folder.resolve("data/released/" + migration + ".json")).doesNotExist();
    }

    @Test
    void disksStayAtTheSourceUnlessToldOtherwise() throws IOException, InterruptedException {
        String migration = "keep-" + shortId();
        JsonNode vm = make("keeping", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        scripted().move(migration, SidePhase.COMPLETED);
        expect(204, call("DELETE", path(migration, ""), ""));
        assertThat(Path.of(vm.at("/definition/disks/0/existingFile").asString()))
                .exists();
    }

    @Test
    void anAbortedMoveLeavesTheMachineHere() throws IOException, InterruptedException {
        String migration = "stay-" + shortId();
        make("staying", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        expectProblem(409, "STALE_EPOCH", call("POST", path(migration, "abort") + "?epoch=1&role=SOURCE", ""));
        JsonNode aborted = expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=SOURCE", ""));
        assertThat(aborted.path("phase").asString()).isEqualTo("ABORTED");
        JsonNode vm = expect(200, call("GET", "/agent/v1/vms/" + id, ""));
        assertThat(vm.path("state").asString()).isEqualTo("RUNNING");
        assertThat(vm.path("epoch").asLong()).isEqualTo(2);
    }

    /** A migration is the last that knows whose the machine is: it must not be forgotten before the store knows it. */
    @Test
    void aTakenMachineThatCouldNotBeWrittenDownIsWrittenDownBeforeItsMigrationIsForgotten()
            throws IOException, InterruptedException {
        String migration = "full-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("the kernel")));
        expect(202, call("PUT", path(migration, "incoming"), incoming(4, "the kernel")));
        assertThat(scripted().ordered(migration).await(10, TimeUnit.SECONDS)).isTrue();
        Path inTheWay = Files.createDirectory(folder.resolve("data/vms/" + id + ".json.unfinished"));
        assertThatThrownBy(() -> scripted().move(migration, SidePhase.TAKEN)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> scripted().move(migration, SidePhase.COMPLETED))
                .isInstanceOf(UncheckedIOException.class);
        expectProblem(500, "HOST_STORAGE_FAILED", call("DELETE", path(migration, ""), ""));
        expect(200, call("GET", path(migration, ""), ""));
        Files.delete(inTheWay);
        expect(204, call("DELETE", path(migration, ""), ""));
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("epoch")
                        .asLong())
                .isEqualTo(4);
    }

    /** Else a start would run the machine a second time. */
    @Test
    void aReleasedMachineThatCouldNotBeWrittenDownIsWrittenDownBeforeItsMigrationIsForgotten()
            throws IOException, InterruptedException {
        String migration = "left-" + shortId();
        make("stuck", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        Path inTheWay = Files.createDirectory(folder.resolve("data/released/" + migration + ".json.unfinished"));
        assertThatThrownBy(() -> scripted().move(migration, SidePhase.COMPLETED))
                .isInstanceOf(UncheckedIOException.class);
        expectProblem(500, "HOST_STORAGE_FAILED", call("DELETE", path(migration, ""), ""));
        Files.delete(inTheWay);
        expect(204, call("DELETE", path(migration, ""), ""));
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
    }

    @Test
    void handsAResolutionToTheSource() throws IOException, InterruptedException {
        String migration = "resolve-" + shortId();
        make("resolving", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        scripted().move(migration, SidePhase.GRANTED);
        expectProblem(
                409,
                "STALE_EPOCH",
                call("PUT", path(migration, "resolution"), "{\"epoch\":1,\"decision\":\"REFUSED\"}"));
        expect(202, call("PUT", path(migration, "resolution"), "{\"epoch\":2,\"decision\":\"REFUSED\"}"));
        assertThat(Objects.requireNonNull(scripted().sides.get(migration)).resolved)
                .isEqualTo(Decision.REFUSED);
        expectProblem(
                404,
                "NO_SUCH_MIGRATION",
                call("PUT", path("none", "resolution"), "{\"epoch\":2,\"decision\":\"TAKEN\"}"));
    }

    @Test
    void changesThePolicyOfASourceOnceForEachRevision() throws IOException, InterruptedException {
        String migration = "policy-" + shortId();
        make("capped", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        expect(202, call("PUT", path(migration, "policy"), policy(2, 2, 2_000_000)));
        expect(202, call("PUT", path(migration, "policy"), policy(2, 2, 2_000_000)));
        expect(202, call("PUT", path(migration, "policy"), policy(2, 1, 1_000_000)));
        assertThat(Objects.requireNonNull(scripted().sides.get(migration)).policies)
                .containsExactly(new TransferPolicy(Duration.ofMillis(70), OptionalLong.of(2_000_000), true));
        expectProblem(409, "STALE_EPOCH", call("PUT", path(migration, "policy"), policy(1, 3, 3_000_000)));
        expectProblem(404, "NO_SUCH_MIGRATION", call("PUT", path("none", "policy"), policy(2, 3, 3_000_000)));
    }

    private static String policy(long epoch, long revision, long cap) {
        return "{\"epoch\":" + epoch + ",\"revision\":" + revision + ",\"policy\":{\"maxBytesPerSecond\":" + cap
                + ",\"downtimeLimitMillis\":70}}";
    }
}
