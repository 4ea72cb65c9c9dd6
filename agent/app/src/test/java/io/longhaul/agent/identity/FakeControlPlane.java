package io.longhaul.agent.identity;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.longhaul.agent.TestPki;
import io.longhaul.api.agent.model.EnrolAgent;
import io.longhaul.api.agent.model.IssuedCertificate;
import io.longhaul.api.agent.model.RenewCertificate;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import tools.jackson.databind.json.JsonMapper;

/** Issues whatever it is asked for, over TLS, and notes what it was asked. Thread safe. */
final class FakeControlPlane implements AutoCloseable {
    private final TestPki pki;
    private final JsonMapper mapper = JsonMapper.builder().build();
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** "POST /path by <who proved to ask>: <token, where one was sent>". */
    final List<String> asked = new CopyOnWriteArrayList<>();

    final List<PublicKey> keys = new CopyOnWriteArrayList<>();
    volatile Duration life = Duration.ofHours(1);
    volatile String issuesFor = "urn:longhaul:agent:host-a";
    volatile int lostAnswers;
    volatile int refuses;

    FakeControlPlane(TestPki pki, String uri) {
        this.pki = pki;
        try {
            server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            KeyPair own = TestPki.keys();
            var context = new TlsIdentity(
                            own.getPrivate(),
                            List.of(pki.issue(own.getPublic(), uri, Duration.ofHours(1)), pki.authority()),
                            List.of(pki.authority()))
                    .context();
            server.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                    tls.setWantClientAuth(true);
                    parameters.setSSLParameters(tls);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean joins = exchange.getRequestURI().getPath().startsWith("/agent-enrolment");
            EnrolAgent enrol = joins ? mapper.readValue(body, EnrolAgent.class) : new EnrolAgent();
            asked.add(exchange.getRequestURI().getPath() + " by " + peer((HttpsExchange) exchange)
                    + (joins ? " with " + enrol.getToken() : ""));
            if (refuses > 0) {
                refuses--;
                answer(exchange, 401, "{\"code\":\"TOKEN_REFUSED\"}");
                return;
            }
            PublicKey key = requestedKey(
                    joins
                            ? enrol.getCertificateRequest()
                            : mapper.readValue(body, RenewCertificate.class).getCertificateRequest());
            keys.add(key);
            if (lostAnswers > 0) {
                lostAnswers--;
                return;
            }
            answer(
                    exchange,
                    200,
                    mapper.writeValueAsString(new IssuedCertificate(
                            pki.pem(pki.issue(key, issuesFor, life), pki.authority()), pki.pem(pki.authority()))));
        }
    }

    private static String peer(HttpsExchange exchange) {
        try {
            return String.valueOf(
                    exchange.getSSLSession().getPeerCertificates().length > 0 ? "its certificate" : "nobody");
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    private static PublicKey requestedKey(String pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject()).getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
