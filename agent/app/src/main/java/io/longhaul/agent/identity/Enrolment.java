package io.longhaul.agent.identity;

import io.longhaul.api.agent.model.EnrolAgent;
import io.longhaul.api.agent.model.IssuedCertificate;
import io.longhaul.api.agent.model.RenewCertificate;
import io.longhaul.engine.transport.tls.PeerIdentity;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Asks the control plane for certificates. Thread safe; blocks until it has answered. */
public final class Enrolment {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final int ANSWER_LIMIT_BYTES = 64 * 1024;

    private final OkHttpClient secured;
    private final JsonMapper mapper;
    private final HttpUrl base;
    private final String hostName;

    /** @param secured proves this host by the certificate it has */
    public Enrolment(OkHttpClient secured, JsonMapper mapper, URI controlPlaneUrl, String hostName) {
        this.secured = secured;
        this.mapper = mapper;
        this.base = Objects.requireNonNull(HttpUrl.get(controlPlaneUrl));
        this.hostName = hostName;
    }

    /** The first certificate. The token is sent to nobody but the control plane that it names. */
    TlsIdentity join(JoinToken token, KeyPair keys) throws IOException, GeneralSecurityException {
        PinnedAuthority pinned = new PinnedAuthority(token.fingerprint());
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {pinned}, null);
        OkHttpClient once = Peers.plainly(new OkHttpClient.Builder())
                .callTimeout(java.time.Duration.ofMillis(secured.callTimeoutMillis()))
                .sslSocketFactory(context.getSocketFactory(), pinned)
                .build();
        try {
            String request = CertificateRequests.request(keys, hostName);
            return issued(post(once, "agent-enrolment", new EnrolAgent(token.text(), request)), keys);
        } finally {
            once.connectionPool().evictAll();
            once.dispatcher().executorService().shutdown();
        }
    }

    /** The next one. */
    TlsIdentity renew(KeyPair keys) throws IOException, GeneralSecurityException {
        String request = CertificateRequests.request(keys, hostName);
        return issued(post(secured, "agent-reports", new RenewCertificate(request)), keys);
    }

    private IssuedCertificate post(OkHttpClient client, String tree, Object body) throws IOException {
        HttpUrl url = base.newBuilder()
                .addPathSegment(tree)
                .addPathSegments("v1/hosts")
                .addPathSegment(hostName)
                .addPathSegment("certificate")
                .build();
        Request request = new Request.Builder()
                .url(url)
                .post(RequestBody.create(mapper.writeValueAsBytes(body), JSON))
                .build();
        try (Response response = client.newCall(request).execute()) {
            String text = response.peekBody(ANSWER_LIMIT_BYTES).string();
            if (!response.isSuccessful()) {
                throw new IOException("the control plane answered " + response.code() + " " + text);
            }
            return mapper.readValue(text, IssuedCertificate.class);
        } catch (JacksonException e) {
            throw new IOException("the control plane's answer cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** What does not fit would shut this host out at its next connection; better to go on with what there is. */
    private TlsIdentity issued(IssuedCertificate answer, KeyPair keys) throws GeneralSecurityException {
        List<X509Certificate> chain = Pem.certificates(answer.getCertificate());
        List<X509Certificate> authorities = Pem.certificates(answer.getAuthorities());
        if (chain.isEmpty() || authorities.isEmpty()) {
            throw new GeneralSecurityException("the control plane's answer has no certificates");
        }
        X509Certificate own = chain.get(0);
        if (!own.getPublicKey().equals(keys.getPublic())
                || !PeerIdentity.of(own).equals(Optional.of(new PeerIdentity(hostName)))) {
            throw new GeneralSecurityException(
                    "the control plane issued a certificate for another key or host: " + PeerIdentity.uri(own));
        }
        return new TlsIdentity(keys.getPrivate(), chain, authorities);
    }
}
