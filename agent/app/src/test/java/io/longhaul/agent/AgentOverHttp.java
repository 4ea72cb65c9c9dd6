package io.longhaul.agent;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.longhaul.agent.fakes.FakeGuestHost;
import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.inventory.HypervisorFacts;
import io.longhaul.agent.vms.GuestHost;
import io.longhaul.engine.session.MigrationEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole agent over HTTP, with an engine and a hypervisor that do what the test says. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@NullUnmarked // Spring sets the fields
abstract class AgentOverHttp {
    static final TestPki PKI = new TestPki();

    /** Lives as long as the context, which the test classes share. */
    static final Path folder = newFolder();

    /** The control plane. */
    static final WireMockServer FAR_SIDE = PKI.server(Peers.CONTROL_PLANE);

    /** The agent that machines come from. */
    static final WireMockServer SOURCE_AGENT = PKI.server("urn:longhaul:agent:host-b");

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

    @LocalManagementPort
    int managementPort;

    /** As the control plane. */
    final HttpClient client = PKI.client(Peers.CONTROL_PLANE);

    final UUID id = UUID.randomUUID();

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
        SOURCE_AGENT.start();
        PKI.writeIdentity(folder.resolve("data"), "host-a");
        registry.add("longhaul.agent.host-name", () -> "host-a");
        registry.add("longhaul.agent.site", () -> "west");
        registry.add("longhaul.agent.data-folder", () -> folder.resolve("data").toString());
        registry.add("longhaul.agent.socket-folder", AgentOverHttp::shortFolder);
        registry.add("longhaul.agent.control-plane-url", () -> "https://127.0.0.1:" + FAR_SIDE.httpsPort());
        registry.add(
                "longhaul.agent.pools.default", () -> folder.resolve("pool").toString());
        registry.add("longhaul.agent.pools.fast", () -> folder.resolve("fast").toString());
        registry.add("longhaul.agent.boot-file-limit", () -> "1MB");
        registry.add("longhaul.agent.rehearsal", () -> "false");
        registry.add("management.server.port", () -> "0");
    }

    @BeforeEach
    void farSideAnswers() {
        FAR_SIDE.resetAll();
        SOURCE_AGENT.resetAll();
        FAR_SIDE.stubFor(put(urlMatching("/agent-reports/v1/hosts/host-a/registration"))
                .willReturn(okJson("{\"heartbeatSeconds\":1}")));
        FAR_SIDE.stubFor(put(urlMatching("/agent-reports/.*/(heartbeat|migrations)"))
                .willReturn(aResponse().withStatus(204)));
    }

    ScriptedEngine scripted() {
        return (ScriptedEngine) engine;
    }

    FakeGuestHost guests() {
        return (FakeGuestHost) guestHost;
    }

    JsonNode make(String name, long epoch) throws IOException, InterruptedException {
        return expect(
                200,
                call(
                        "PUT",
                        "/agent/v1/vms/" + id,
                        definition(name, "{\"name\":\"root\",\"sizeBytes\":1048576}", epoch)));
    }

    JsonNode start(long epoch) throws IOException, InterruptedException {
        return expect(200, call("POST", "/agent/v1/vms/" + id + "/start?epoch=" + epoch, ""));
    }

    HttpResponse<String> putWithFile(String file) throws IOException, InterruptedException {
        String body = definition("adopting", "{\"name\":\"root\",\"existingFile\":\"" + file + "\"}", 1);
        return call("PUT", "/agent/v1/vms/" + id, body);
    }

    static String definition(String name, String disks, long epoch) {
        return "{\"epoch\":" + epoch + ",\"definition\":{\"name\":\"" + name
                + "\",\"memoryBytes\":16777216,\"vcpus\":1,\"disks\":[" + disks
                + "],\"networkInterfaces\":[{\"network\":\"default\"}]}}";
    }

    String incoming(long epoch, String kernel) throws IOException, InterruptedException {
        return "{\"vmId\":\"" + id + "\",\"epoch\":" + epoch + ",\"token\":\"dG9rZW4=\",\"sourceAgentUrl\":\""
                + "https://127.0.0.1:" + SOURCE_AGENT.httpsPort()
                + "\",\"sourceHost\":\"host-b\",\"policy\":{},\"definition\":{\"name\":\"moving\",\"memoryBytes\":16777216,"
                + "\"disks\":[{\"name\":\"root\",\"existingFile\":\"/elsewhere\",\"sizeBytes\":4096}]},"
                + "\"disks\":[{\"name\":\"root\",\"virtualSizeBytes\":4096,\"allocatedBytes\":4096}],"
                + "\"bootFiles\":[{\"kind\":\"KERNEL\",\"sizeBytes\":" + kernel.length() + ",\"sha256\":\""
                + sha256(kernel) + "\"}]}";
    }

    String outgoing(long epoch) {
        return "{\"vmId\":\"" + id + "\",\"epoch\":" + epoch
                + ",\"token\":\"dG9rZW4=\",\"transferAddress\":\"127.0.0.1:7071\",\"destinationHost\":\"host-c\",\"policy\":{}}";
    }

    static String path(String migration, String what) {
        return "/agent/v1/migrations/" + migration + (what.isEmpty() ? "" : "/" + what);
    }

    /** Fetching goes on behind the answer. */
    JsonNode awaitPhase(String migration, String phase) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        JsonNode report;
        do {
            report = expect(200, call("GET", path(migration, ""), ""));
        } while (!report.path("phase").asString().equals(phase) && System.nanoTime() < end);
        assertThat(report.path("phase").asString()).isEqualTo(phase);
        return report;
    }

    HttpResponse<String> call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    URI uri(String path) {
        return URI.create("https://127.0.0.1:" + port + path);
    }

    static String text(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    JsonNode expect(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return mapper.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    JsonNode expectProblem(int status, String code, HttpResponse<String> answer) {
        JsonNode problem = expect(status, answer);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        return problem;
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Migrations' ids have 40 characters at most. */
    String shortId() {
        return id.toString().substring(0, 13);
    }

    /** The build's own folder may be too deep for sockets. */
    private static String shortFolder() {
        try {
            Path made = Files.createTempDirectory("lh");
            made.toFile().deleteOnExit();
            return made.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "agent")
                    .toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
