package io.longhaul.agent.reporting;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.putRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.migrations.Arrivals;
import io.longhaul.agent.migrations.MigrationReports;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.model.HostInventory;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps are taken by the test, so that no time passes but what the control plane takes. */
class ReportingTest {
    private static final String BASE = "/agent-reports/v1/hosts/host-a/";
    private static final UUID GUEST = new UUID(1, 2);

    private final WireMockServer server = new WireMockServer(options().dynamicPort());
    private final ScriptedEngine engine = new ScriptedEngine();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private final JsonMapper mapper = JsonMapper.shared();

    @TempDir
    Path folder = Path.of("unset");

    @BeforeEach
    void startServer() {
        server.start();
        answer("registration", okJson("{\"heartbeatSeconds\":7}"));
        answer("heartbeat", aResponse().withStatus(204));
        answer("migrations", aResponse().withStatus(204));
    }

    @AfterEach
    void stopServer() {
        server.stop();
    }

    @Test
    void registersThenBeatsAsOftenAsItWasTold() {
        Heartbeats heartbeats = heartbeats();
        assertThat(heartbeats.step()).isZero();
        assertThat(heartbeats.step()).isEqualTo(Duration.ofSeconds(7));
        server.verify(1, putRequestedFor(urlEqualTo(BASE + "registration")));
        server.verify(1, putRequestedFor(urlEqualTo(BASE + "heartbeat")));
    }

    @Test
    void triesMoreAndMoreSlowlyWhileTheControlPlaneIsAwayAndGoesOnWhenItIsBack() {
        answer("registration", aResponse().withStatus(503));
        Heartbeats heartbeats = heartbeats();
        List<Long> pauses = new ArrayList<>();
        for (int time = 0; time < 7; time++) {
            pauses.add(heartbeats.step().toMillis());
        }
        assertThat(pauses).containsExactly(200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
        assertThat(failures).hasValue(7);
        answer("registration", okJson("{\"heartbeatSeconds\":7}"));
        assertThat(heartbeats.step()).isZero();
        assertThat(heartbeats.step()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void survivesAControlPlaneThatIsNotThere() {
        Heartbeats heartbeats = heartbeats();
        server.stop();
        assertThat(heartbeats.step()).isEqualTo(Duration.ofMillis(200));
        assertThat(heartbeats.step()).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void registersAgainWhenTheControlPlaneHasForgottenIt() {
        Heartbeats heartbeats = heartbeats();
        heartbeats.step();
        answer("heartbeat", aResponse().withStatus(404).withBody("{\"code\":\"NO_SUCH_HOST\"}"));
        assertThat(heartbeats.step()).isZero();
        assertThat(heartbeats.step()).isZero();
        server.verify(2, putRequestedFor(urlEqualTo(BASE + "registration")));
    }

    @Test
    void aSlowControlPlaneIsGivenUpInTime() {
        answer("registration", aResponse().withFixedDelay(2_000).withStatus(200));
        assertThat(heartbeats().step()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void reportsAChangeAtOnceAndOnce() {
        Reports reports = reports();
        engine.leave("m1", GUEST, MigrationSide.Role.SOURCE, 2, SidePhase.COMPLETED);
        reports.changed("m1");
        reports.step();
        reports.step();
        assertThat(sent()).hasSize(1);
        assertThat(sent().get(0).path("phase").asString()).isEqualTo("COMPLETED");
        assertThat(sent().get(0).path("agentInstance").asString()).isEqualTo("instance");
    }

    @Test
    void sendsProgressOnlyWhenItMovedAndNotMoreThanTwiceASecond() {
        Reports reports = reports();
        ScriptedEngine.Side side = engine.leave("m1", GUEST, MigrationSide.Role.SOURCE, 2, SidePhase.COPYING_DISKS);
        assertThat(reports.step()).isEqualTo(Reports.PROGRESS_INTERVAL);
        assertThat(sent()).hasSize(1);
        side.progress = progress(10);
        nanos.addAndGet(Duration.ofMillis(499).toNanos());
        reports.step();
        assertThat(sent()).hasSize(1);
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        reports.step();
        assertThat(sent()).hasSize(2);
        nanos.addAndGet(Duration.ofMillis(500).toNanos());
        reports.step();
        assertThat(sent()).hasSize(2);
        long first = sent().get(0).path("sequence").asLong();
        assertThat(sent().get(1).path("sequence").asLong()).isGreaterThan(first);
        assertThat(sent().get(1).at("/progress/diskBytesDone").asLong()).isEqualTo(10);
    }

    @Test
    void afterAnOutageOnlyTheLastStateIsReported() {
        Reports reports = reports();
        answer("migrations", aResponse().withStatus(503));
        ScriptedEngine.Side side = engine.leave("m1", GUEST, MigrationSide.Role.SOURCE, 2, SidePhase.SWITCHING_OVER);
        reports.changed("m1");
        assertThat(reports.step()).isEqualTo(Duration.ofMillis(200));
        side.phase = SidePhase.GRANTED;
        reports.changed("m1");
        assertThat(reports.step()).isEqualTo(Duration.ofMillis(400));
        side.phase = SidePhase.COMPLETED;
        reports.changed("m1");
        server.resetRequests();
        answer("migrations", aResponse().withStatus(204));
        reports.step();
        assertThat(sent()).hasSize(1);
        assertThat(sent().get(0).path("phase").asString()).isEqualTo("COMPLETED");
    }

    @Test
    void aReportThatIsRefusedForGoodDoesNotHoldUpTheOthers() {
        Reports reports = reports();
        answer("migrations", aResponse().withStatus(400));
        engine.leave("m1", GUEST, MigrationSide.Role.SOURCE, 2, SidePhase.ABORTED);
        engine.leave("m2", GUEST, MigrationSide.Role.SOURCE, 3, SidePhase.ABORTED);
        reports.changed("m1");
        reports.changed("m2");
        reports.step();
        assertThat(sent()).hasSize(2);
        assertThat(failures).hasValue(2);
    }

    private static Progress progress(long done) {
        return new Progress(
                100,
                done,
                100 - done,
                0,
                0,
                0,
                0,
                0,
                0,
                OptionalDouble.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private List<JsonNode> sent() {
        return server.findAll(putRequestedFor(urlEqualTo(BASE + "migrations"))).stream()
                .map(request -> mapper.readTree(request.getBodyAsString()))
                .toList();
    }

    private void answer(String what, com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder answer) {
        server.stubFor(put(urlEqualTo(BASE + what)).willReturn(answer));
    }

    private Heartbeats heartbeats() {
        return new Heartbeats(
                controlPlane(),
                new HostState() {
                    @Override
                    public Registration registration() {
                        return new Registration("http://a", "west", "instance", new HostInventory());
                    }

                    @Override
                    public Heartbeat heartbeat() {
                        return new Heartbeat("instance", new HostInventory(), List.of(), List.of());
                    }
                },
                mapper,
                () -> {},
                failures::incrementAndGet);
    }

    private Reports reports() {
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        MigrationReports migrations = new MigrationReports(
                engine,
                new Arrivals(Objects.requireNonNull(folder), mapper),
                new ProblemModels("host-a"),
                clock,
                new MigrationReports.Identity("instance", Optional.empty()));
        return new Reports(controlPlane(), migrations, nanos::get, failures::incrementAndGet);
    }

    private ControlPlane controlPlane() {
        OkHttpClient client =
                new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(1)).build();
        return new ControlPlane(client, mapper, URI.create("http://127.0.0.1:" + server.port()), "host-a");
    }
}
