package io.longhaul.agent;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.longhaul.agent.fakes.FakeGuestHost;
import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.inventory.HypervisorFacts;
import io.longhaul.agent.vms.GuestHost;
import io.longhaul.agent.vms.GuestHost.GuestState;
import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.SidePhase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole agent over HTTP, with an engine and a hypervisor that do what the test says. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext
class AgentTest {
    private static final String SECRET = "a-secret-of-the-test";

    @TempDir
    static Path folder;

    /** Both the control plane and the source's agent. */
    static final WireMockServer FAR_SIDE = new WireMockServer(options().dynamicPort());

    @TestBean
    MigrationEngine engine;

    @TestBean
    GuestHost guestHost;

    @TestBean
    HypervisorFacts hypervisorFacts;

    @Autowired
    JsonMapper mapper;

    @LocalServerPort
    int port;

    private final HttpClient client = HttpClient.newHttpClient();
    private final UUID id = UUID.randomUUID();

    static MigrationEngine engine() {
        return new ScriptedEngine();
    }

    static GuestHost guestHost() {
        return new FakeGuestHost();
    }

    static HypervisorFacts hypervisorFacts() {
        return new HypervisorFacts(
                "10.0.2", "tcg", List.of("pc-q35-10.0"), Map.of("q35", "pc-q35-10.0"), List.of("qemu64", "max"));
    }

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        FAR_SIDE.start();
        registry.add("longhaul.agent.host-name", () -> "host-a");
        registry.add("longhaul.agent.site", () -> "west");
        registry.add("longhaul.agent.secret", () -> SECRET);
        registry.add("longhaul.agent.data-folder", () -> folder.resolve("data").toString());
        registry.add(
                "longhaul.agent.socket-folder",
                () -> folder.resolve("s").toString().substring(0, 20) + "-s");
        registry.add("longhaul.agent.control-plane-url", FAR_SIDE::baseUrl);
        registry.add(
                "longhaul.agent.pools.default", () -> folder.resolve("pool").toString());
        registry.add("longhaul.agent.pools.fast", () -> folder.resolve("fast").toString());
        registry.add("longhaul.agent.boot-file-limit", () -> "1MB");
    }

    @BeforeEach
    void farSideAnswers() {
        FAR_SIDE.resetAll();
        FAR_SIDE.stubFor(put(urlMatching("/agent-reports/v1/hosts/host-a/registration"))
                .willReturn(okJson("{\"heartbeatSeconds\":1}")));
        FAR_SIDE.stubFor(put(urlMatching("/agent-reports/.*/(heartbeat|migrations)"))
                .willReturn(aResponse().withStatus(204)));
    }

    @AfterAll
    static void stopFarSide() {
        FAR_SIDE.stop();
    }

    private ScriptedEngine scripted() {
        return (ScriptedEngine) engine;
    }

    private FakeGuestHost guests() {
        return (FakeGuestHost) guestHost;
    }

    @Test
    void refusesRequestsWithoutTheSecret() throws Exception {
        for (String path : List.of("/agent/v1/vms", "/agent/v1/migrations", "/agent//v1/vms", "/AGENT/v1/vms")) {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isEqualTo(401);
            assertThat(mapper.readTree(answer.body()).path("code").asString()).isEqualTo("UNAUTHORIZED");
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
        HttpRequest wrong = HttpRequest.newBuilder(uri("/agent/v1/vms"))
                .header("Authorization", "Bearer " + SECRET + "x")
                .build();
        assertThat(client.send(wrong, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void makesAMachineWithAnExactDefinition() throws Exception {
        JsonNode vm = expect(
                200,
                call(
                        "PUT",
                        "/agent/v1/vms/" + id,
                        definition("exact", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1)));
        assertThat(vm.path("state").asString()).isEqualTo("STOPPED");
        JsonNode definition = vm.path("definition");
        assertThat(definition.path("machineType").asString()).isEqualTo("pc-q35-10.0");
        assertThat(definition.at("/networkInterfaces/0/macAddress").asString()).matches("52:54:00(:[0-9a-f]{2}){3}");
        Path file = Path.of(definition.at("/disks/0/existingFile").asString());
        assertThat(file).hasSize(1048576).hasParent(folder.resolve("pool"));
        assertThat(vm.at("/disks/0/virtualSizeBytes").asLong()).isEqualTo(1048576);
        assertThat(vm.at("/disks/0/allocatedBytes").asLong()).isLessThan(1048576);
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("id")
                        .asString())
                .isEqualTo(id.toString());
        assertThat(expect(200, call("GET", "/agent/v1/vms", "")).path("vms")).isNotEmpty();
    }

    @Test
    void makingTheSameMachineAgainChangesNothingAndAnotherUnderItsIdIsAConflict() throws Exception {
        String body = definition("again", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        JsonNode first = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        JsonNode second = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        assertThat(second).isEqualTo(first);
        String other = definition("again", "{\"name\":\"root\",\"sizeBytes\":2097152}", 1);
        expectProblem(409, "COMMAND_CONFLICT", call("PUT", "/agent/v1/vms/" + id, other));
    }

    @Test
    void startsAndStopsOnceHoweverOftenItIsTold() throws Exception {
        make("life", 1);
        for (int time = 0; time < 2; time++) {
            assertThat(start(1).path("state").asString()).isEqualTo("RUNNING");
        }
        assertThat(guests().started.stream().filter(guest -> guest.id().equals(id)))
                .hasSize(1);
        expectProblem(409, "VM_RUNNING", call("DELETE", "/agent/v1/vms/" + id, ""));
        for (int time = 0; time < 2; time++) {
            JsonNode stopped = expect(200, call("POST", "/agent/v1/vms/" + id + "/stop?epoch=1", ""));
            assertThat(stopped.path("state").asString()).isEqualTo("STOPPED");
        }
    }

    @Test
    void refusesACommandOfAnOlderEpoch() throws Exception {
        make("fenced", 5);
        expectProblem(409, "STALE_EPOCH", call("POST", "/agent/v1/vms/" + id + "/start?epoch=4", ""));
        start(7);
        expectProblem(409, "STALE_EPOCH", call("POST", "/agent/v1/vms/" + id + "/stop?epoch=6&force=true", ""));
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("epoch")
                        .asLong())
                .isEqualTo(7);
    }

    @Test
    void showsAGuestThatDiedAsFailedAndStartsItAgain() throws Exception {
        make("dying", 1);
        start(1);
        guests().states.remove(id);
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("state")
                        .asString())
                .isEqualTo("FAILED");
        assertThat(start(1).path("state").asString()).isEqualTo("RUNNING");
    }

    @Test
    void saysWhatTheHypervisorSaidWhenItDoesNotStart() throws Exception {
        make("broken", 1);
        guests().failsToStart = true;
        try {
            JsonNode problem =
                    expectProblem(500, "HYPERVISOR_FAILED", call("POST", "/agent/v1/vms/" + id + "/start?epoch=1", ""));
            assertThat(problem.path("native").asString()).contains("no such option");
        } finally {
            guests().failsToStart = false;
        }
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("state")
                        .asString())
                .isEqualTo("STOPPED");
    }

    @Test
    void leavesNothingOfAMachineWhoseDisksCannotBeMade() throws Exception {
        guests().failsToMakeImages = true;
        try {
            String body = definition("unmade", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
            expectProblem(409, "NOT_ENOUGH_SPACE", call("PUT", "/agent/v1/vms/" + id, body));
        } finally {
            guests().failsToMakeImages = false;
        }
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
        assertThat(folder.resolve("data/vms/" + id + ".json")).doesNotExist();
    }

    @Test
    void deletesOnlyWhatItMade() throws Exception {
        Path adopted = Files.write(folder.resolve("pool/adopted.raw"), new byte[1024]);
        String disks = "{\"name\":\"root\",\"sizeBytes\":1048576},{\"name\":\"old\",\"existingFile\":\"adopted.raw\"}";
        JsonNode vm = expect(200, call("PUT", "/agent/v1/vms/" + id, definition("mixed", disks, 1)));
        Path made = Path.of(vm.at("/definition/disks/0/existingFile").asString());
        assertThat(made).exists();
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        assertThat(made).doesNotExist();
        assertThat(adopted).exists();
    }

    @Test
    void refusesImagesThatAreNotItsToUse() throws Exception {
        Path outside = Files.write(folder.resolve("outside.raw"), new byte[1024]);
        Files.createSymbolicLink(folder.resolve("pool/link-" + id + ".raw"), outside);
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile("link-" + id + ".raw"));
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile("../outside.raw"));
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile(outside.toString()));
        expectProblem(422, "IMAGE_NOT_FOUND", putWithFile("nothing.raw"));
        Files.write(folder.resolve("pool/odd.raw"), new byte[1000]);
        expectProblem(422, "IMAGE_UNUSABLE", putWithFile("odd.raw"));
        Files.write(folder.resolve("pool/used.raw"), new byte[1024]);
        expect(200, putWithFile("used.raw"));
        String other = definition("other", "{\"name\":\"root\",\"existingFile\":\"used.raw\"}", 1);
        expectProblem(409, "IMAGE_IN_USE", call("PUT", "/agent/v1/vms/" + UUID.randomUUID(), other));
    }

    @Test
    void refusesWhatTheHostDoesNotHave() throws Exception {
        String body = definition("asking", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        Map<String, List<String>> cases = Map.of(
                "NO_SUCH_POOL", List.of("\"name\":\"root\"", "\"name\":\"root\",\"pool\":\"none\""),
                "NO_SUCH_NETWORK", List.of("\"network\":\"default\"", "\"network\":\"none\""),
                "MACHINE_TYPE_UNAVAILABLE", List.of("\"vcpus\":1", "\"machineType\":\"pc-q35-99.0\""),
                "CPU_MODEL_UNAVAILABLE", List.of("\"vcpus\":1", "\"cpuModel\":\"Icelake-Server,+avx512f\""),
                "INVALID_DISK", List.of("1048576}", "1000}"),
                "BOOT_FILE_UNAVAILABLE", List.of("\"vcpus\":1", "\"boot\":{\"kernel\":\"/nowhere/vmlinuz\"}"));
        for (Map.Entry<String, List<String>> one : cases.entrySet()) {
            String changed = body.replace(one.getValue().get(0), one.getValue().get(1));
            JsonNode problem = expectProblem(422, one.getKey(), call("PUT", "/agent/v1/vms/" + id, changed));
            assertThat(problem.path("seen").asString()).isNotEmpty();
            assertThat(problem.path("expected").asString()).isNotEmpty();
            assertThat(problem.path("action").asString()).isNotEmpty();
            assertThat(problem.path("host").asString()).isEqualTo("host-a");
        }
    }

    @Test
    void answersMalformedRequestsWithAProblem() throws Exception {
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/" + id, "{"));
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/" + id, "{}"));
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/none", "{}"));
        expectProblem(400, "MALFORMED_REQUEST", call("POST", "/agent/v1/vms/" + id + "/start", ""));
        expectProblem(400, "MALFORMED_REQUEST", call("GET", "/agent/v1/migrations/under_score", ""));
        expectProblem(413, "BODY_TOO_LARGE", call("PUT", "/agent/v1/vms/" + id, " ".repeat(1 << 20) + "{}"));
        expectProblem(404, "NO_SUCH_RESOURCE", call("GET", "/agent/v1/nothing", ""));
    }

    @Test
    void servesTheEndOfTheSerialLogAndBootFiles() throws Exception {
        Path kernel = Files.writeString(folder.resolve("vmlinuz"), "a kernel");
        String body = definition("booting", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1)
                .replace("\"vcpus\":1", "\"boot\":{\"kernel\":\"" + kernel + "\",\"commandLine\":\"quiet\"}");
        JsonNode vm = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        Files.delete(kernel);
        assertThat(vm.at("/bootFiles/0/sha256").asString()).isEqualTo(sha256("a kernel"));
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/boot-files/KERNEL", "")))
                .isEqualTo("a kernel");
        expectProblem(404, "NO_SUCH_BOOT_FILE", call("GET", "/agent/v1/vms/" + id + "/boot-files/INITRD", ""));
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/serial-log", ""))).isEmpty();
        Files.writeString(folder.resolve("data/serial/" + id + ".1.log"), "one two three");
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/serial-log?tailBytes=5", "")))
                .isEqualTo("three");
        expectProblem(400, "MALFORMED_REQUEST", call("GET", "/agent/v1/vms/" + id + "/serial-log?tailBytes=0", ""));
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        assertThat(folder.resolve("data/boot-files/" + sha256("a kernel"))).doesNotExist();
    }

    @Test
    void aMachineArrivesWithItsBootFiles() throws Exception {
        String migration = "in-" + id;
        FAR_SIDE.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
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
    void anArrivalWithoutItsBootFileEndsWithAProblem() throws Exception {
        String migration = "short-" + id;
        FAR_SIDE.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("another kernel")));
        expect(202, call("PUT", path(migration, "incoming"), incoming(2, "the kernel")));
        JsonNode report = awaitPhase(migration, "ABORTED");
        assertThat(report.at("/problem/code").asString()).isEqualTo("BOOT_FILE_UNAVAILABLE");
        assertThat(scripted().orders).doesNotContainKey(migration);
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
        expect(204, call("DELETE", path(migration, ""), ""));
    }

    @Test
    void anAbortBeforeTheCommandClosesItsId() throws Exception {
        String migration = "late-" + id;
        JsonNode closed = expect(202, call("POST", path(migration, "abort") + "?epoch=2&role=DESTINATION", ""));
        assertThat(closed.path("phase").asString()).isEqualTo("ABORTED");
        expectProblem(409, "COMMAND_CONFLICT", call("PUT", path(migration, "incoming"), incoming(2, "the kernel")));
    }

    @Test
    void aMachineLeavesAndIsNeverStartedAgain() throws Exception {
        String migration = "out-" + id;
        JsonNode vm = make("leaving", 1);
        Path disk = Path.of(vm.at("/definition/disks/0/existingFile").asString());
        String body = outgoing(2);
        expectProblem(409, "VM_NOT_RUNNING", call("PUT", path(migration, "outgoing"), body));
        start(2);
        expect(202, call("PUT", path(migration, "outgoing"), body));
        expect(202, call("PUT", path(migration, "outgoing"), body));
        expectProblem(409, "VM_IN_MIGRATION", call("PUT", path("second-" + id, "outgoing"), outgoing(3)));
        expectProblem(409, "VM_IN_MIGRATION", call("POST", "/agent/v1/vms/" + id + "/stop?epoch=3", ""));
        expectProblem(409, "STALE_EPOCH", call("PUT", path("third-" + id, "outgoing"), outgoing(1)));

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
    void disksStayAtTheSourceUnlessToldOtherwise() throws Exception {
        String migration = "keep-" + id;
        JsonNode vm = make("keeping", 1);
        start(1);
        expect(202, call("PUT", path(migration, "outgoing"), outgoing(2)));
        scripted().move(migration, SidePhase.COMPLETED);
        expect(204, call("DELETE", path(migration, ""), ""));
        assertThat(Path.of(vm.at("/definition/disks/0/existingFile").asString()))
                .exists();
    }

    @Test
    void anAbortedMoveLeavesTheMachineHere() throws Exception {
        String migration = "stay-" + id;
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

    @Test
    void handsAResolutionToTheSource() throws Exception {
        String migration = "resolve-" + id;
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
    void showsItsMeters() throws Exception {
        make("measured", 1);
        start(1);
        String meters = text(call("GET", "/actuator/prometheus", ""));
        assertThat(meters)
                .contains("longhaul_agent_guests{state=\"RUNNING\"}")
                .contains("longhaul_agent_migrations{phase=\"PREPARING\"}")
                .contains("longhaul_agent_wire_bytes_total")
                .contains("longhaul_agent_report_failures_total");
    }

    private JsonNode make(String name, long epoch) throws Exception {
        return expect(
                200,
                call(
                        "PUT",
                        "/agent/v1/vms/" + id,
                        definition(name, "{\"name\":\"root\",\"sizeBytes\":1048576}", epoch)));
    }

    private JsonNode start(long epoch) throws Exception {
        return expect(200, call("POST", "/agent/v1/vms/" + id + "/start?epoch=" + epoch, ""));
    }

    private HttpResponse<String> putWithFile(String file) throws Exception {
        String body = definition("adopting", "{\"name\":\"root\",\"existingFile\":\"" + file + "\"}", 1);
        return call("PUT", "/agent/v1/vms/" + id, body);
    }

    private static String definition(String name, String disks, long epoch) {
        return "{\"epoch\":" + epoch + ",\"definition\":{\"name\":\"" + name
                + "\",\"memoryBytes\":16777216,\"vcpus\":1,\"disks\":[" + disks
                + "],\"networkInterfaces\":[{\"network\":\"default\"}]}}";
    }

    private String incoming(long epoch, String kernel) throws Exception {
        return "{\"vmId\":\"" + id + "\",\"epoch\":" + epoch + ",\"token\":\"dG9rZW4=\",\"sourceAgentUrl\":\""
                + FAR_SIDE.baseUrl() + "\",\"policy\":{},\"definition\":{\"name\":\"moving\",\"memoryBytes\":16777216,"
                + "\"disks\":[{\"name\":\"root\",\"existingFile\":\"/elsewhere\",\"sizeBytes\":4096}]},"
                + "\"disks\":[{\"name\":\"root\",\"virtualSizeBytes\":4096,\"allocatedBytes\":4096}],"
                + "\"bootFiles\":[{\"kind\":\"KERNEL\",\"sizeBytes\":" + kernel.length() + ",\"sha256\":\""
                + sha256(kernel) + "\"}]}";
    }

    private String outgoing(long epoch) {
        return "{\"vmId\":\"" + id + "\",\"epoch\":" + epoch
                + ",\"token\":\"dG9rZW4=\",\"transferAddress\":\"127.0.0.1:7071\",\"policy\":{}}";
    }

    private static String path(String migration, String what) {
        return "/agent/v1/migrations/" + migration + (what.isEmpty() ? "" : "/" + what);
    }

    /** Fetching goes on behind the answer. */
    private JsonNode awaitPhase(String migration, String phase) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        JsonNode report;
        do {
            report = expect(200, call("GET", path(migration, ""), ""));
        } while (!report.path("phase").asString().equals(phase) && System.nanoTime() < end);
        assertThat(report.path("phase").asString()).isEqualTo(phase);
        return report;
    }

    private HttpResponse<String> call(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer " + SECRET)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static String text(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private JsonNode expect(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return mapper.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    private JsonNode expectProblem(int status, String code, HttpResponse<String> answer) {
        JsonNode problem = expect(status, answer);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        return problem;
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
