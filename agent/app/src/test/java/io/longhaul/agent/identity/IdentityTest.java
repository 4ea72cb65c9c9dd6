package io.longhaul.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.TestPki;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** How a host comes by its certificate, keeps it and gets the next, against a control plane over TLS. */
class IdentityTest {
    private static final String SECRET = "x".repeat(43);
    private static final String ENROLMENT = "/agent-enrolment/v1/hosts/host-a/certificate by nobody with ";
    private static final String RENEWAL = "/agent-reports/v1/hosts/host-a/certificate by its certificate";

    @TempDir
    Path folder = Path.of("unset");

    private final TestPki pki = new TestPki();
    private final TlsContexts contexts = new TlsContexts();
    private final List<Shown> shown = new ArrayList<>();
    private final AtomicInteger changes = new AtomicInteger();
    private FakeControlPlane controlPlane;
    private String token;

    private record Shown(TlsIdentity identity, Optional<TlsIdentity> inUse) {}

    @BeforeEach
    void start() {
        controlPlane = new FakeControlPlane(pki, Peers.CONTROL_PLANE);
        token = "lh1." + SECRET + "." + pki.fingerprint();
    }

    @AfterEach
    void stop() {
        controlPlane.close();
    }

    @Test
    void joinsByTheTokenAndKeepsWhatItGot() throws IOException {
        var unused = keeper(Instant.now()).step();
        assertThat(controlPlane.asked).containsExactly(ENROLMENT + token);
        assertThat(changes).hasValue(1);
        Path kept = folder.resolve("identity.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");

        TlsContexts afterRestart = new TlsContexts();
        keeper(Instant.now(), afterRestart).takeUp();
        assertThat(afterRestart.identity().map(TlsIdentity::chain))
                .isEqualTo(contexts.identity().map(TlsIdentity::chain));
    }

    @Test
    void tellsTheTokenToNobodyButTheControlPlaneThatItNames() {
        token = "lh1." + SECRET + "." + new TestPki().fingerprint();
        var unused = keeper(Instant.now()).step();
        assertThat(controlPlane.asked).isEmpty();
        assertThat(contexts.identity()).isEmpty();
    }

    @Test
    void tellsTheTokenToNoAgentThatSaysItIsTheControlPlane() {
        controlPlane.close();
        controlPlane = new FakeControlPlane(pki, "urn:longhaul:agent:host-b");
        var unused = keeper(Instant.now()).step();
        assertThat(controlPlane.asked).isEmpty();
        assertThat(contexts.identity()).isEmpty();
    }

    @Test
    void asksAgainWithTheSameKeyWhereTheAnswerWasLost() {
        controlPlane.lostAnswers = 1;
        IdentityKeeper keeper = keeper(Instant.now());
        var first = keeper.step();
        var second = keeper.step();
        assertThat(first).isLessThan(Duration.ofMinutes(1));
        assertThat(second).isGreaterThan(Duration.ofMinutes(1));
        assertThat(controlPlane.keys).hasSize(2).allMatch(controlPlane.keys.get(0)::equals);
        assertThat(contexts.identity()).isPresent();
    }

    @Test
    void goesOnTryingWhereTheTokenIsRefused() {
        controlPlane.refuses = 1;
        IdentityKeeper keeper = keeper(Instant.now());
        assertThat(keeper.step()).isLessThan(Duration.ofMinutes(1));
        assertThat(contexts.identity()).isEmpty();
        var unused = keeper.step();
        assertThat(contexts.identity()).isPresent();
    }

    @Test
    void takesNoCertificateOfAnotherHost() {
        controlPlane.issuesFor = "urn:longhaul:agent:host-b";
        var unused = keeper(Instant.now()).step();
        assertThat(contexts.identity()).isEmpty();
        assertThat(folder.resolve("identity.pem")).doesNotExist();
    }

    @Test
    void renewsAfterTwoThirdsOfTheLifeWithANewKeyAndTheOldCertificate() {
        Instant now = Instant.now();
        var unused = keeper(now).step();
        TlsIdentity first = contexts.identity().orElseThrow();
        assertThat(keeper(now.plusSeconds(30 * 60)).step()).isLessThan(Duration.ofMinutes(15));
        assertThat(controlPlane.asked).hasSize(1);
        var later = keeper(now.plusSeconds(45 * 60)).step();
        assertThat(later).isPositive();
        assertThat(controlPlane.asked).containsExactly(ENROLMENT + token, RENEWAL);
        assertThat(contexts.identity().orElseThrow().key()).isNotEqualTo(first.key());
        assertThat(changes).hasValue(2);
    }

    /** Once it is in use the control plane may hear of this host, and must believe what its port shows. */
    @Test
    void showsEachCertificateBeforeItUsesIt() {
        IdentityKeeper keeper = keeper(Instant.now());
        var unused = keeper.step();
        Optional<TlsIdentity> first = contexts.identity();
        keeper.renewNow();
        unused = keeper.step();
        assertThat(shown)
                .containsExactly(
                        new Shown(first.orElseThrow(), Optional.empty()),
                        new Shown(contexts.identity().orElseThrow(), first));
    }

    @Test
    void renewsOnDemand() {
        Instant now = Instant.now();
        IdentityKeeper keeper = keeper(now);
        var joined = keeper.step();
        keeper.renewNow();
        var renewed = keeper.step();
        var idle = keeper.step();
        assertThat(idle).isEqualTo(renewed).isLessThanOrEqualTo(joined.plusSeconds(1));
        assertThat(controlPlane.asked).containsExactly(ENROLMENT + token, RENEWAL);
    }

    @Test
    void keepsTheOldCertificateWhereTheNextIsRefused() {
        IdentityKeeper keeper = keeper(Instant.now());
        var unused = keeper.step();
        TlsIdentity first = contexts.identity().orElseThrow();
        controlPlane.refuses = 1;
        keeper.renewNow();
        assertThat(keeper.step()).isLessThan(Duration.ofMinutes(1));
        assertThat(contexts.identity()).contains(first);
    }

    @Test
    void joinsAgainWhereTheCertificateIsOver() {
        Instant now = Instant.now();
        var unused = keeper(now).step();
        var again = keeper(now.plus(Duration.ofHours(2))).step();
        assertThat(again).isPositive();
        assertThat(controlPlane.asked).containsExactly(ENROLMENT + token, ENROLMENT + token);
    }

    @Test
    void refusesToStartWithAFileThatIsNoIdentity() throws IOException {
        Files.writeString(folder.resolve("identity.pem"), "something else");
        assertThatThrownBy(() -> keeper(Instant.now()).takeUp())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("identity.pem");
    }

    @Test
    void aTokenIsNeverPrinted() throws Exception {
        assertThat(JoinToken.parse(token + "\n").toString()).doesNotContain(SECRET);
        assertThatThrownBy(() -> JoinToken.parse(SECRET)).message().doesNotContain(SECRET);
    }

    private IdentityKeeper keeper(Instant now) {
        return keeper(now, contexts);
    }

    private IdentityKeeper keeper(Instant now, TlsContexts of) {
        OkHttpClient client = Peers.secure(new OkHttpClient.Builder(), of)
                .callTimeout(Duration.ofSeconds(5))
                .build();
        return new IdentityKeeper(
                new IdentityFile(folder),
                new IdentityKeeper.TokenSource(Optional.of(token), Path.of("unused")),
                new CertificateRequests(new SecureRandom()),
                new Enrolment(client, JsonMapper.builder().build(), controlPlane.url(), "host-a"),
                of,
                Clock.fixed(now, ZoneOffset.UTC),
                identity -> shown.add(new Shown(identity, of.identity())),
                changes::incrementAndGet);
    }
}
