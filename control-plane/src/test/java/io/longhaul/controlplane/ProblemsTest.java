package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.CreateVm;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.HostCpu;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.Vm;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every refusal of a request, as a client sees it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProblemsTest {

    @TempDir
    static Path folder;

    private RunningControlPlane controlPlane;
    private FakeAgent source;
    private FakeAgent destination;
    private String running = "";
    private String stopped = "";

    @BeforeAll
    void start() {
        controlPlane = new RunningControlPlane(folder, "longhaul.hosts.offline-after=4s");
        source = new FakeAgent("host-a", controlPlane);
        destination = new FakeAgent("host-b", controlPlane);
        new FakeAgent("host-gone", controlPlane).close();
        running = Tour.machine(controlPlane, true).getDefinition().getName();
        stopped = Tour.machine(controlPlane, false).getDefinition().getName();
        Tour.awaitTrue(() -> controlPlane.get("/v1/hosts/host-gone").body().contains("OFFLINE"));
    }

    @AfterAll
    void stop() {
        source.close();
        destination.close();
        controlPlane.close();
    }

    @BeforeEach
    void freshInventory() {
        destination.inventory = FakeAgent.inventory();
        destination.heartbeat();
    }

    static Stream<Arguments> refusedRequests() {
        return Stream.of(
                Arguments.of("GET", "/v1/vms/nobody", null, 404, "NO_SUCH_VM"),
                Arguments.of("GET", "/v1/hosts/nowhere", null, 404, "NO_SUCH_HOST"),
                Arguments.of("GET", "/v1/migrations/mig-0", null, 404, "NO_SUCH_MIGRATION"),
                Arguments.of("GET", "/v1/migrations/mig-0/events", null, 404, "NO_SUCH_MIGRATION"),
                Arguments.of("POST", "/v1/migrations/mig-0/cancel", null, 404, "NO_SUCH_MIGRATION"),
                Arguments.of("GET", "/v1/problems/NONSENSE", null, 404, "NO_SUCH_PROBLEM"),
                Arguments.of("GET", "/nothing/here", null, 404, "NOT_FOUND"),
                Arguments.of("GET", "/error", null, 404, "NOT_FOUND"),
                Arguments.of("GET", "/v1/vms/a%00b", null, 400, "MALFORMED_REQUEST"),
                Arguments.of("GET", "/v1/vms/a%2Fb", null, 400, "MALFORMED_REQUEST"),
                Arguments.of("DELETE", "/v1/migrations", null, 405, "METHOD_NOT_ALLOWED"),
                Arguments.of("POST", "/v1/migrations", "{\"vm\": ", 400, "MALFORMED_REQUEST"),
                Arguments.of("POST", "/v1/migrations", "", 400, "MALFORMED_REQUEST"),
                Arguments.of("POST", "/v1/migrations", "[]", 400, "INVALID_FIELD"),
                Arguments.of("POST", "/v1/migrations", "null", 400, "MALFORMED_REQUEST"),
                Arguments.of("POST", "/v1/migrations", "{} {}", 400, "MALFORMED_REQUEST"),
                Arguments.of("POST", "/v1/migrations", "{\"vm\": \"a\"}", 400, "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"speed\":1}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of("POST", "/v1/migrations", "{\"vm\":7,\"destination\":\"b\"}", 400, "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"priority\":101}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"priority\":null}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"priority\":\"5\"}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"sourceDisks\":\"BURN\"}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"pools\":{\"x\":null}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"seeds\":{\"root\":\"../secret\"}}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"seeds\":{\"root\":\"a/b\"}}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"seeds\":{\"root\":\".hidden\"}}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"seeds\":{\"root\":\"\"}}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"seeds\":{\"root\":null}}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of(
                        "POST",
                        "/v1/migrations",
                        "{\"vm\":\"a\",\"destination\":\"b\",\"policy\":{\"reuseExistingDisks\":null}}",
                        400,
                        "INVALID_FIELD"),
                Arguments.of("GET", "/v1/migrations?limit=0", null, 400, "INVALID_FIELD"),
                Arguments.of("GET", "/v1/migrations?limit=many", null, 400, "INVALID_FIELD"),
                Arguments.of("GET", "/v1/migrations?state=LOST", null, 400, "INVALID_FIELD"),
                Arguments.of("GET", "/v1/migrations?cursor=xyz", null, 400, "INVALID_CURSOR"),
                Arguments.of("GET", "/v1/vms?cursor=%21", null, 400, "INVALID_CURSOR"),
                Arguments.of("GET", "/v1/vms?cursor=%ff", null, 400, "MALFORMED_REQUEST"),
                Arguments.of("PUT", "/agent-reports/v1/hosts/x/heartbeat", "{}", 404, "NOT_FOUND"),
                Arguments.of("PUT", "/%61gent-reports/v1/hosts/x/heartbeat", "{}", 404, "NOT_FOUND"));
    }

    @ParameterizedTest
    @MethodSource("refusedRequests")
    void everyRefusalIsAProblem(String method, String path, String body, int status, String code) {
        var answer = controlPlane.call(method, path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertProblem(answer, code);
    }

    @Test
    void refusesOtherTypesOfBodiesAndAnswers() {
        URI uri = URI.create(controlPlane.url() + "/v1/migrations");
        var text = controlPlane.send(HttpRequest.newBuilder(uri)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("hello"))
                .build());
        assertProblem(text, "UNSUPPORTED_MEDIA_TYPE");
        var image = controlPlane.send(
                HttpRequest.newBuilder(uri).header("Accept", "image/png").build());
        assertProblem(image, "NOT_ACCEPTABLE");
    }

    @Test
    void refusesAHugeBodyWhetherItsLengthIsDeclaredOrNot() {
        String huge = "{\"vm\":\"" + "x".repeat(1 << 20) + "\"}";
        assertProblem(controlPlane.post("/v1/migrations", huge), "BODY_TOO_LARGE");
        var chunked = controlPlane.send(HttpRequest.newBuilder(URI.create(controlPlane.url() + "/v1/migrations"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(huge.getBytes(StandardCharsets.UTF_8))))
                .build());
        assertProblem(chunked, "BODY_TOO_LARGE");
    }

    @Test
    void refusesMovesThatCannotBe() {
        assertProblem(move("nobody", "host-b"), "NO_SUCH_VM");
        assertProblem(move(running, "nowhere"), "NO_SUCH_HOST");
        assertProblem(move(running, "host-a"), "SAME_HOST");
        assertProblem(move(stopped, "host-b"), "VM_NOT_RUNNING");
        assertProblem(move(running, "host-gone"), "AGENT_OFFLINE");
    }

    @Test
    void refusesADestinationThatCannotHoldTheMachine() {
        lacking(inventory -> inventory.memoryFreeBytes(1L), "INSUFFICIENT_MEMORY");
        lacking(inventory -> inventory.getPools().get(0).freeBytes(1L), "INSUFFICIENT_DISK_SPACE");
        lacking(
                inventory -> inventory.cpu(new HostCpu("Other", 1, List.of(), List.of("486"))),
                "CPU_MODEL_UNAVAILABLE");
        lacking(inventory -> inventory.machineTypes(List.of("pc-q35-9.2")), "MACHINE_TYPE_UNAVAILABLE");
        lacking(inventory -> inventory.networks(List.of()), "NETWORK_UNAVAILABLE");
        lacking(inventory -> inventory.pools(List.of()), "POOL_UNAVAILABLE");
    }

    @Test
    void refusesToTouchAMachineThatMoves() {
        Tour tour = Tour.begin(controlPlane, source, destination);
        String name = tour.vm.getDefinition().getName();
        assertProblem(move(name, "host-b"), "VM_ALREADY_MIGRATING");
        assertProblem(controlPlane.call("POST", "/v1/vms/" + name + "/stop", null), "VM_ALREADY_MIGRATING");
        assertProblem(controlPlane.call("DELETE", "/v1/vms/" + name, null), "VM_ALREADY_MIGRATING");
        assertThat(tour.cancel().status()).isEqualTo(202);
        tour.await(io.longhaul.api.model.MigrationState.CANCELLED);
    }

    @Test
    void refusesMachinesThatCannotBeMade() {
        assertProblem(make(definition -> definition.name(running)), "VM_NAME_TAKEN");
        assertProblem(make(definition -> definition.name("Capital")), "INVALID_FIELD");
        assertProblem(make(definition -> definition.disks(List.of(new DiskDefinition("d")))), "INVALID_FIELD");
        assertProblem(
                make(definition -> definition.disks(List.of(new DiskDefinition("d").sizeBytes(1000L)))),
                "INVALID_FIELD");
        assertProblem(
                make(definition -> definition.disks(
                        List.of(new DiskDefinition("d").sizeBytes(512L), new DiskDefinition("d").sizeBytes(512L)))),
                "INVALID_FIELD");
        assertProblem(
                make(definition -> definition.disks(
                        List.of(new DiskDefinition("d").sizeBytes(512L).pool("other")))),
                "POOL_UNAVAILABLE");
        assertProblem(
                make(definition -> definition.networkInterfaces(List.of(new NetworkInterface("lan")))),
                "NETWORK_UNAVAILABLE");
        assertProblem(make(definition -> definition.machineType("pc-q35-99.0")), "MACHINE_TYPE_UNAVAILABLE");
        assertProblem(make(definition -> definition.cpuModel("EPYC-v4")), "CPU_MODEL_UNAVAILABLE");
        assertProblem(make(definition -> definition.memoryBytes(1L << 40)), "INSUFFICIENT_MEMORY");
    }

    static Stream<Arguments> wrongDefinitions() {
        String nul = "\\u0000";
        return Stream.of(
                Arguments.of("\"disks\": [null]", "definition.disks"),
                Arguments.of("\"networkInterfaces\": [null]", "definition.networkInterfaces"),
                Arguments.of("\"labels\": {\"a\": null}", "definition.labels"),
                Arguments.of("\"disks\": [{\"name\": \"a\", \"existingFile\": \"x" + nul + "\"}]", "existingFile"),
                Arguments.of("\"boot\": {\"kernel\": \"/x" + nul + "\"}", "definition.boot.kernel"),
                Arguments.of("\"boot\": {\"firmware\": \"/x" + nul + "\"}", "definition.boot.firmware"),
                Arguments.of("\"boot\": {\"kernel\": \"/x\", \"initrd\": \"/" + nul + "\"}", "definition.boot.initrd"),
                Arguments.of("\"boot\": {\"kernel\": \"vmlinuz\"}", "begins with /"),
                Arguments.of("\"name\": \"0f8fad5b-d9cb-469f-a165-70867728950e\"", "definition.name"),
                Arguments.of(
                        "\"networkInterfaces\": [{\"network\": \"user\", \"macAddress\": \"52:54:00:00:00:01\"},"
                                + " {\"network\": \"user\", \"macAddress\": \"52:54:00:00:00:01\"}]",
                        "52:54:00:00:00:01"),
                Arguments.of("\"memoryBytes\": 1000000000000000000000000000000", "definition.memoryBytes"),
                Arguments.of("\"vcpus\": 5000000000", "definition.vcpus"),
                Arguments.of("\"vcpus\": 1.5", "a whole number"),
                Arguments.of("\"vcpus\": \"two\"", "a whole number"),
                Arguments.of("\"name\": 7", "definition.name"),
                Arguments.of("\"disks\": {}", "a list"),
                Arguments.of("\"disks\": [7]", "definition.disks[0]"),
                Arguments.of("\"boot\": \"kernel\"", "definition.boot"),
                Arguments.of("\"serialLog\": \"yes\"", "true or false"),
                Arguments.of("\"guestProbe\": \"LOUD\"", "one of NONE, SERIAL"),
                Arguments.of(
                        "\"disks\": ["
                                + "{\"name\": \"a\", \"sizeBytes\": 512}, ".repeat(16)
                                + "{\"name\": \"a\", \"sizeBytes\": 512}]",
                        "17 entries"));
    }

    @ParameterizedTest
    @MethodSource("wrongDefinitions")
    void saysWhichFieldIsWrongInPlainWords(String field, String words) {
        // The last of two fields of one name is the one that counts.
        var answer = controlPlane.post(
                "/v1/vms",
                "{\"host\": \"host-a\", \"definition\": {\"name\": \"wrong\", \"memoryBytes\": 268435456, " + field
                        + "}}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertPlain(answer, words);
    }

    @Test
    void saysWhichParameterIsWrongInPlainWords() {
        assertPlain(controlPlane.get("/v1/migrations?state=NOPE"), "one of QUEUED, PREPARING");
        assertPlain(controlPlane.get("/v1/migrations?limit=many"), "a whole number");
        assertPlain(controlPlane.get("/v1/migrations?limit=0"), "limit");
        assertPlain(controlPlane.get("/v1/migrations/mig-0?wait=1&until=dawn"), "one of change, end");
        assertPlain(
                controlPlane.call(
                        "POST",
                        "/v1/vms",
                        new CreateVm("host-a", Tour.definition("keyed")),
                        "Idempotency-Key",
                        "k".repeat(300)),
                "Idempotency-Key");
    }

    @Test
    void tellsThatTheMachineExistsWhereItsStartFailed() {
        source.scenario = FakeAgent.FailureScenario.REFUSES_STARTS;
        var answer = controlPlane.post("/v1/vms", new CreateVm("host-a", Tour.definition("unstarted")).start(true));
        source.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        assertProblem(answer, "HYPERVISOR_FAILED");
        assertThat(answer.json().path("instance").asString()).isEqualTo("/v1/vms/unstarted");
        assertThat(answer.json().path("detail").asString()).contains("exists now");
        assertThat(answer.json().path("action").asString())
                .contains("POST /v1/vms/unstarted/start")
                .contains("DELETE /v1/vms/unstarted");
        assertThat(controlPlane.call("DELETE", "/v1/vms/unstarted", null).status())
                .isEqualTo(204);
    }

    @Test
    void keepsTheLastKnownStateWhereAHypervisorDoesNotAnswerItsAgentInTime() {
        Vm vm = Tour.machine(controlPlane, true);
        source.vms.computeIfPresent(vm.getId(), (id, known) -> known.state(VmState.UNKNOWN));
        assertThat(source.heartbeat().status()).isEqualTo(204);
        assertThat(controlPlane.get("/v1/vms/" + vm.getId()).as(Vm.class).getState())
                .isEqualTo(VmState.RUNNING);
        source.vms.computeIfPresent(vm.getId(), (id, known) -> known.state(VmState.RUNNING));
    }

    @Test
    void passesOnWhatTheAgentSaysAndForgetsTheMachineItRefused() {
        source.scenario = FakeAgent.FailureScenario.REFUSES_MACHINES;
        assertProblem(make(definition -> definition.name("refused")), "IMAGE_NOT_FOUND");
        source.scenario = FakeAgent.FailureScenario.NO_FAILURE;
        assertProblem(controlPlane.get("/v1/vms/refused"), "NO_SUCH_VM");
    }

    @Test
    void refusesToDeleteARunningMachine() {
        assertProblem(controlPlane.call("DELETE", "/v1/vms/" + running, null), "VM_RUNNING");
    }

    @Test
    void aKeyMakesARepetitionHaveOneEffect() {
        Object body = new CreateVm("host-a", Tour.definition("once-only"));
        var first = controlPlane.call("POST", "/v1/vms", body, "Idempotency-Key", "key-1");
        var again = controlPlane.call("POST", "/v1/vms", body, "Idempotency-Key", "key-1");
        assertThat(first.status()).as(first.body()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.as(Vm.class)).isEqualTo(first.as(Vm.class));
        assertThat(again.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        Object other = new CreateVm("host-a", Tour.definition("once-more"));
        assertProblem(
                controlPlane.call("POST", "/v1/vms", other, "Idempotency-Key", "key-1"), "IDEMPOTENCY_KEY_REUSED");
        assertThat(controlPlane.call("DELETE", "/v1/vms/once-only", null).status())
                .isEqualTo(204);
    }

    @Test
    void listsPageByPage() {
        var first = controlPlane.get("/v1/vms?limit=1").json();
        assertThat(first.path("vms").size()).isEqualTo(1);
        var second = controlPlane
                .get("/v1/vms?limit=1&cursor=" + first.path("nextCursor").asString())
                .json();
        assertThat(second.path("vms").path(0).path("id"))
                .isNotEqualTo(first.path("vms").path(0).path("id"));
    }

    @Test
    void theCatalogueHasEveryCodeAndTheSpecificationIsServed() {
        assertThat(controlPlane.get("/v1/problems").json().path("problems").size())
                .isGreaterThan(40);
        assertThat(controlPlane
                        .get("/v1/problems/LINK_LOST")
                        .json()
                        .path("retryable")
                        .asBoolean())
                .isTrue();
        assertThat(controlPlane.get("/v1/openapi.yaml").body()).startsWith("openapi: 3.1.0");
        assertThat(controlPlane.get("/actuator/prometheus").body())
                .contains("longhaul_hosts{state=\"online\"}")
                .contains("longhaul_migrations_current{state=\"QUEUED\"}");
        assertThat(controlPlane.get("/actuator/health").body()).contains("UP");
        assertThat(controlPlane
                        .get("/v1/vms/" + running + "/serial-log?tailBytes=10")
                        .body())
                .isEqualTo("hello from host-a");
    }

    @Test
    void thePageToBrowseTheApiShowsThePublicSpecification() {
        assertThat(controlPlane.get("/docs").status()).isIn(200, 302);
        assertThat(controlPlane.get("/v3/api-docs/swagger-config").body()).contains("/v1/openapi.yaml");
        assertThat(controlPlane.get("/v3/api-docs").body()).doesNotContain("agent-reports");
        assertThat(controlPlane.get("/swagger-ui/index.html").status()).isEqualTo(200);
    }

    private void lacking(Consumer<io.longhaul.api.model.HostInventory> change, String code) {
        var inventory = RunningControlPlane.JSON.readValue(
                RunningControlPlane.JSON.writeValueAsString(FakeAgent.inventory()),
                io.longhaul.api.model.HostInventory.class);
        change.accept(inventory);
        destination.inventory = inventory;
        assertThat(destination.heartbeat().status()).isEqualTo(204);
        var answer = move(running, "host-b");
        assertProblem(answer, code);
        assertThat(answer.json().path("seen").asString()).isNotEmpty();
        assertThat(answer.json().path("expected").asString()).isNotEmpty();
    }

    private RunningControlPlane.Answer move(String vm, String destination) {
        return controlPlane.post("/v1/migrations", new CreateMigration(vm, destination));
    }

    private RunningControlPlane.Answer make(Consumer<VmDefinition> change) {
        VmDefinition definition = Tour.definition("new-one");
        change.accept(definition);
        return controlPlane.post("/v1/vms", new CreateVm("host-a", definition));
    }

    private static void assertPlain(RunningControlPlane.Answer answer, String words) {
        assertProblem(answer, "INVALID_FIELD");
        assertThat(answer.body()).contains(words);
        assertThat(answer.json().path("seen").asString()).as(answer.body()).isNotEmpty();
        assertThat(answer.json().path("expected").asString()).as(answer.body()).isNotEmpty();
        assertThat(answer.body())
                .doesNotContain("java.")
                .doesNotContain("class ")
                .doesNotContain("coerce")
                .doesNotContain("constructor")
                .doesNotContain("deserialize")
                .doesNotContain("Token")
                .doesNotContain("type List");
    }

    private static void assertProblem(RunningControlPlane.Answer answer, String code) {
        assertThat(answer.code()).as(answer.body()).isEqualTo(code);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(answer.json().path("type").asString()).isEqualTo("/v1/problems/" + code);
        assertThat(answer.json().path("status").asInt()).isEqualTo(answer.status());
        assertThat(answer.body()).doesNotContain("Exception").doesNotContain("io.longhaul");
    }
}
