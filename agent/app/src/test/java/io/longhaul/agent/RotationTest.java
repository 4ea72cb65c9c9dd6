package io.longhaul.agent;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.security.AgentConnector;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A certificate that changes under the agent's feet. */
@NullUnmarked // Spring sets the fields
class RotationTest extends AgentOverHttp {
    @Autowired
    TlsContexts contexts;

    @Autowired
    AgentConnector connector;

    @Test
    void connectionsGoOnAndNewOnesHaveTheNewCertificate()
            throws IOException, InterruptedException, GeneralSecurityException {
        Certificate before = shown(client);
        TlsIdentity old = contexts.identity().orElseThrow();
        KeyPair keys = TestPki.keys();
        X509Certificate issued = PKI.issue(keys.getPublic(), "urn:longhaul:agent:host-a", Duration.ofHours(1));
        use(new TlsIdentity(keys.getPrivate(), List.of(issued, PKI.authority()), List.of(PKI.authority())));
        assertThat(shown(client)).isEqualTo(before).isEqualTo(old.certificate());
        assertThat(shown(PKI.client(Peers.CONTROL_PLANE))).isEqualTo(issued);
    }

    /** While an authority is replaced, the control plane may come with a certificate of either. */
    @Test
    void believesBothAuthoritiesWhileOneIsReplaced()
            throws IOException, InterruptedException, GeneralSecurityException {
        TestPki successor = new TestPki();
        TlsIdentity old = contexts.identity().orElseThrow();
        HttpClient ofSuccessor = successor.client(Peers.CONTROL_PLANE);
        assertThatThrownBy(() -> shown(ofSuccessor)).isInstanceOf(IOException.class);
        use(new TlsIdentity(old.key(), old.chain(), List.of(old.authorities().get(0), successor.authority())));
        assertThat(shown(ofSuccessor)).isEqualTo(old.certificate());
        assertThat(shown(PKI.client(Peers.CONTROL_PLANE))).isEqualTo(old.certificate());
        use(old);
    }

    /** Whoever listens at the source's address is not the source because of that. */
    @Test
    void fetchesBootFilesFromTheSourcesAgentOnly() throws IOException, InterruptedException {
        String migration = "imp-" + shortId();
        SOURCE_AGENT.stubFor(get(urlMatching("/agent/v1/vms/" + id + "/boot-files/KERNEL"))
                .willReturn(aResponse().withBody("a kernel for impostors")));
        String body = incoming(4, "a kernel for impostors").replace("\"host-b\"", "\"host-c\"");
        expect(202, call("PUT", path(migration, "incoming"), body));
        var report = awaitPhase(migration, "ABORTED");
        assertThat(report.toString()).contains("expected urn:longhaul:agent:host-c");
        SOURCE_AGENT.verify(0, com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor(urlMatching(".*")));
    }

    private void use(TlsIdentity identity) throws GeneralSecurityException {
        connector.show(identity);
        contexts.replace(identity);
    }

    private Certificate shown(HttpClient by) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                by.send(HttpRequest.newBuilder(uri("/agent/v1/vms")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.sslSession().map(RotationTest::peer).orElseThrow();
    }

    private static Certificate peer(SSLSession session) {
        try {
            return session.getPeerCertificates()[0];
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
