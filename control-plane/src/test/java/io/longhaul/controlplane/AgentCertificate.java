package io.longhaul.controlplane;

import io.longhaul.api.agent.model.EnrolAgent;
import io.longhaul.api.agent.model.IssuedCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/** A key and, once it has joined, a certificate for it. Owned by the test's thread until it is handed on. */
final class AgentCertificate {

    private static final char[] NO_PASSWORD = {};
    private static final MediaType JSON = MediaType.get("application/json");

    final KeyPair keys;
    List<X509Certificate> chain = List.of();
    List<X509Certificate> authorities = List.of();

    AgentCertificate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Joins with the token, as an agent that has checked whom it talks to. */
    static AgentCertificate joined(RunningControlPlane controlPlane, String host, String token) {
        AgentCertificate certificate = new AgentCertificate();
        var answer = certificate.join(controlPlane, host, token);
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.body());
        }
        return certificate;
    }

    RunningControlPlane.Answer join(RunningControlPlane controlPlane, String host, String token) {
        return take(call(
                controlPlane,
                "POST",
                "/agent-enrolment/v1/hosts/" + host + "/certificate",
                RunningControlPlane.JSON.writeValueAsString(new EnrolAgent(token, request()))));
    }

    RunningControlPlane.Answer take(RunningControlPlane.Answer answer) {
        if (answer.status() == 200) {
            IssuedCertificate issued = answer.as(IssuedCertificate.class);
            chain = read(issued.getCertificate());
            authorities = read(issued.getAuthorities());
        }
        return answer;
    }

    /** A call to the agents' port with what there is to show. */
    RunningControlPlane.Answer call(
            RunningControlPlane controlPlane, String method, String path, @Nullable String body) {
        Request request = new Request.Builder()
                .url(controlPlane.agentsUrl() + path)
                .method(method, body == null ? null : RequestBody.create(body, JSON))
                .build();
        try (Response response = client().newCall(request).execute()) {
            return new RunningControlPlane.Answer(
                    response.code(),
                    response.body().string(),
                    java.net.http.HttpHeaders.of(response.headers().toMultimap(), (name, value) -> true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable OkHttpClient client;

    private synchronized OkHttpClient client() {
        if (client == null || !chain.isEmpty() && !withChain) {
            withChain = !chain.isEmpty();
            client = new OkHttpClient.Builder()
                    .sslSocketFactory(context().getSocketFactory(), new Believing())
                    .hostnameVerifier((host, session) -> true)
                    .build();
        }
        return client;
    }

    private boolean withChain;

    SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            if (chain.isEmpty()) {
                context.init(null, new TrustManager[] {new Believing()}, null);
                return context;
            }
            KeyStore own = store();
            own.setKeyEntry("own", keys.getPrivate(), NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyStore believed = store();
            for (X509Certificate authority : authorities) {
                believed.setCertificateEntry(authority.getSerialNumber().toString(), authority);
            }
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
            keyManagers.init(own, NO_PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(believed);
            context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    String request() {
        try {
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(new JcaPKCS10CertificationRequestBuilder(
                                new javax.security.auth.x500.X500Principal("CN=whatever"), keys.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
            }
            return text.toString();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<X509Certificate> read(String pem) {
        try {
            List<X509Certificate> found = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                    .forEach(one -> found.add((X509Certificate) one));
            return found;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Believes the server: what these tests look at is whom the server believes. */
    private static final class Believing implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] shown, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
