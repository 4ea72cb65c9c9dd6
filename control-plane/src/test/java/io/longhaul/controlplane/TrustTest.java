package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.api.model.JoinToken;
import io.longhaul.api.model.MigrationState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Who may join, who may report about whom, and who may no longer, over TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustTest {

    private static final String HEARTBEAT = "{\"agentInstance\": \"one\"}";
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    static Path folder;

    @TempDir
    static Path otherFolder;

    private RunningControlPlane controlPlane;
    private final String host = "host-" + NAMES.incrementAndGet();

    @BeforeAll
    void start() {
        controlPlane = new RunningControlPlane(folder);
    }

    @AfterAll
    void stop() {
        controlPlane.close();
    }

    private static String fresh() {
        return "host-" + NAMES.incrementAndGet();
    }

    @Test
    void keepsAuthorityAndTokenToItself() throws IOException {
        for (String file : new String[] {"authority/authority-000001.pem", "join-token"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aTokenOfOneUseIsGoodForOneHostAndForItsRepetition() {
        String token = token("{}");
        String first = fresh();
        AgentCertificate agent = AgentCertificate.joined(controlPlane, first, token);
        assertThat(agent.join(controlPlane, first, token).status()).isEqualTo(200);
        var second = new AgentCertificate().join(controlPlane, fresh(), token);
        assertThat(second.status()).isEqualTo(401);
        assertThat(second.code()).isEqualTo("TOKEN_REFUSED");
        assertThat(second.body()).contains("was used by " + first);
    }

    @Test
    void aTokenOfManyUsesIsGoodForManyHostsAndShowsNoSecret() {
        String token = token("{\"singleUse\": false}");
        AgentCertificate.joined(controlPlane, fresh(), token);
        AgentCertificate.joined(controlPlane, fresh(), token);
        String listed = controlPlane.get("/v1/join-tokens").body();
        assertThat(listed).contains("\"uses\":2").doesNotContain("lh1.");
    }

    @Test
    void refusesTokensThatAreWrongExpiredRevokedOrForAnotherHost() {
        String good = token("{}");
        expectRefused(fresh(), "lh1." + "A".repeat(43) + good.substring(good.lastIndexOf('.')), "unknown");
        expectRefused(fresh(), "swordfish", "not of the form");
        JoinToken revoked = make("{}");
        assertThat(controlPlane
                        .call("DELETE", "/v1/join-tokens/" + revoked.getId(), null)
                        .status())
                .isEqualTo(204);
        expectRefused(fresh(), String.valueOf(revoked.getToken()), "revoked");
        expectRefused(fresh(), token("{\"host\": \"elsewhere\"}"), "good for elsewhere");
        JoinToken expired = make("{}");
        controlPlane.sql(
                "update join_token set expires_at = ? where id = ?",
                java.time.OffsetDateTime.parse("2001-01-01T00:00:00Z"),
                expired.getId());
        expectRefused(fresh(), String.valueOf(expired.getToken()), "expired");
    }

    private void expectRefused(String name, String token, String why) {
        var answer = new AgentCertificate().join(controlPlane, name, token);
        assertThat(answer.code()).as(answer.body()).isEqualTo("TOKEN_REFUSED");
        assertThat(answer.body()).contains(why);
    }

    @Test
    void nobodyBecomesAHostThatIsThere() {
        String name = fresh();
        AgentCertificate.joined(controlPlane, name, controlPlane.joinToken());
        var other = new AgentCertificate().join(controlPlane, name, controlPlane.joinToken());
        assertThat(other.code()).isEqualTo("HOST_ALREADY_JOINED");
        AgentCertificate meant = AgentCertificate.joined(controlPlane, name, token("{\"host\": \"" + name + "\"}"));
        assertThat(heartbeat(meant, name).status()).isEqualTo(404);
    }

    @Test
    void anAgentReportsAboutItsOwnHostOnly() {
        String name = fresh();
        AgentCertificate agent = AgentCertificate.joined(controlPlane, name, controlPlane.joinToken());
        assertThat(heartbeat(agent, name).code()).isEqualTo("NO_SUCH_HOST");
        var other = heartbeat(agent, host);
        assertThat(other.status()).isEqualTo(401);
        assertThat(other.body()).contains(name).contains(host);
        assertThat(agent.call(
                                controlPlane,
                                "POST",
                                "/agent-reports/v1/hosts/" + host + "/certificate",
                                "{\"certificateRequest\": \"x\"}")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void withoutACertificateThereIsOnlyTheEnrolment() {
        var nobody = heartbeat(new AgentCertificate(), host);
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.code()).isEqualTo("UNAUTHORIZED");
    }

    @Test
    void aCertificateOfAnotherAuthorityEndsTheConnection() {
        try (RunningControlPlane other = new RunningControlPlane(otherFolder)) {
            AgentCertificate stranger = AgentCertificate.joined(other, fresh(), other.joinToken());
            assertThatThrownBy(() -> heartbeat(stranger, host)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void eachPortServesItsOwnPathsOnly() {
        AgentCertificate agent = AgentCertificate.joined(controlPlane, fresh(), controlPlane.joinToken());
        for (String path : new String[] {"/v1/hosts", "/actuator/health", "/v1/join-tokens", "/docs"}) {
            assertThat(agent.call(controlPlane, "GET", path, null).status()).isEqualTo(404);
        }
        for (String path :
                new String[] {"/agent-reports/v1/hosts/a/heartbeat", "/agent-reports;x=1/v1/hosts/a/heartbeat"}) {
            assertThat(controlPlane.call("PUT", path, HEARTBEAT).status()).isEqualTo(404);
        }
        assertThat(controlPlane
                        .call("POST", "/agent-enrolment/v1/hosts/a/certificate", "{}")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aCertificateIsRenewedForAnotherKeyAndTheOldOneGoesOn() {
        String name = fresh();
        AgentCertificate agent = AgentCertificate.joined(controlPlane, name, controlPlane.joinToken());
        AgentCertificate next = new AgentCertificate();
        var renewed = next.take(renew(agent, name, next));
        assertThat(renewed.status()).as(renewed.body()).isEqualTo(200);
        assertThat(heartbeat(next, name).code()).isEqualTo("NO_SUCH_HOST");
        assertThat(heartbeat(agent, name).code()).isEqualTo("NO_SUCH_HOST");
    }

    @Test
    void refusesARequestThatIsNotSignedByItsKey() {
        String name = fresh();
        AgentCertificate agent = AgentCertificate.joined(controlPlane, name, controlPlane.joinToken());
        for (String request : new String[] {"x", agent.request().replaceFirst("M", "N"), ""}) {
            var answer = agent.call(
                    controlPlane,
                    "POST",
                    "/agent-reports/v1/hosts/" + name + "/certificate",
                    RunningControlPlane.JSON.writeValueAsString(java.util.Map.of("certificateRequest", request)));
            assertThat(answer.code()).as(answer.body()).isEqualTo("INVALID_FIELD");
        }
    }

    @Test
    void aHostThatWasShutOutNeitherReportsNorRenewsUntilItJoinsAgain() {
        String name = fresh();
        String old = controlPlane.joinToken();
        AgentCertificate agent = AgentCertificate.joined(controlPlane, name, old);
        assertThat(shutOut(name)).isEqualTo(204);
        assertThat(shutOut(name)).isEqualTo(204);
        assertThat(heartbeat(agent, name).code()).isEqualTo("HOST_SHUT_OUT");
        assertThat(renew(agent, name, new AgentCertificate()).code()).isEqualTo("HOST_SHUT_OUT");
        expectRefused(name, old, "before " + name + " was shut out");
        AgentCertificate back = new AgentCertificate();
        Tour.awaitTrue(() -> back.join(controlPlane, name, token("{}")).status() == 200);
        assertThat(heartbeat(back, name).code()).isEqualTo("NO_SUCH_HOST");
        assertThat(heartbeat(agent, name).code()).isEqualTo("HOST_SHUT_OUT");
        assertThat(controlPlane
                        .call("DELETE", "/v1/hosts/nobody/certificate", null)
                        .code())
                .isEqualTo("NO_SUCH_HOST");
    }

    @Test
    void aHostThatWasShutOutOnceMoreInAnotherSecondIsWelcomeAsSoonAsItHasJoinedAgain() {
        String name = fresh();
        AgentCertificate.joined(controlPlane, name, controlPlane.joinToken());
        assertThat(shutOut(name)).isEqualTo(204);
        long shutOutSecond = Instant.now().getEpochSecond();
        Tour.awaitTrue(() -> Instant.now().getEpochSecond() > shutOutSecond);
        assertThat(shutOut(name)).isEqualTo(204);
        AgentCertificate back = new AgentCertificate();
        assertThat(back.join(controlPlane, name, token("{}")).status()).isEqualTo(200);
        assertThat(heartbeat(back, name).code()).isEqualTo("NO_SUCH_HOST");
    }

    /** Commands go to the agent they are meant for: who has the address is not enough. */
    @Test
    void anotherHostsAgentAtTheAddressGetsNoCommands() {
        try (FakeAgent source = new FakeAgent("host-a", controlPlane);
                FakeAgent impostor = new FakeAgent(
                        "host-b",
                        controlPlane,
                        AgentCertificate.joined(controlPlane, fresh(), controlPlane.joinToken()))) {
            Tour tour = Tour.begin(controlPlane, source, impostor);
            Tour.awaitTrue(
                    () -> String.valueOf(tour.migration().getWaitingFor()).contains("expected the agent of host-b"));
            assertThat(impostor.commands).isEmpty();
            tour.cancel();
            tour.await(MigrationState.CANCELLING);
        }
    }

    private int shutOut(String name) {
        return controlPlane
                .call("DELETE", "/v1/hosts/" + name + "/certificate", null)
                .status();
    }

    private RunningControlPlane.Answer renew(AgentCertificate agent, String name, AgentCertificate next) {
        return agent.call(
                controlPlane,
                "POST",
                "/agent-reports/v1/hosts/" + name + "/certificate",
                RunningControlPlane.JSON.writeValueAsString(
                        new io.longhaul.api.agent.model.RenewCertificate(next.request())));
    }

    private RunningControlPlane.Answer heartbeat(AgentCertificate agent, String name) {
        return agent.call(
                controlPlane,
                "PUT",
                "/agent-reports/v1/hosts/" + name + "/heartbeat",
                RunningControlPlane.JSON.writeValueAsString(new io.longhaul.api.agent.model.Heartbeat(
                        "one", FakeAgent.inventory(), java.util.List.of(), java.util.List.of())));
    }

    private String token(String body) {
        return String.valueOf(make(body).getToken());
    }

    private JoinToken make(String body) {
        var answer = controlPlane.post("/v1/join-tokens", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.as(JoinToken.class);
    }
}
