package io.longhaul.agent.identity;

import io.longhaul.engine.transport.tls.PeerIdentity;
import io.longhaul.engine.transport.tls.TlsContexts;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;
import okhttp3.CipherSuite;
import okhttp3.ConnectionSpec;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.TlsVersion;

/**
 * Makes a client's calls go to whom they are meant for and to nobody else. Has no state. Addresses are not compared: who
 * answers is known by the name in its certificate, before anything is sent.
 */
public final class Peers {
    public static final String CONTROL_PLANE = "urn:longhaul:control-plane";

    private static final ConnectionSpec TLS = new ConnectionSpec.Builder(true)
            .tlsVersions(TlsVersion.TLS_1_3)
            .cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_AES_256_GCM_SHA384)
            .build();

    private Peers() {}

    /** Whom a call is meant for, where not the control plane: a tag of its request. */
    public record MeantFor(String hostName) {}

    /** Calls without a tag are meant for the control plane. */
    public static OkHttpClient.Builder secure(OkHttpClient.Builder client, TlsContexts contexts) {
        return plainly(client)
                .sslSocketFactory(new RotatingSockets(contexts::context), new NobodyBelieved())
                .addNetworkInterceptor(Peers::requireMeant);
    }

    static OkHttpClient.Builder plainly(OkHttpClient.Builder client) {
        return client.hostnameVerifier((address, session) -> true)
                .connectionSpecs(List.of(TLS))
                .protocols(List.of(Protocol.HTTP_1_1))
                .followRedirects(false);
    }

    private static Response requireMeant(Interceptor.Chain chain) throws IOException {
        MeantFor meant = chain.request().tag(MeantFor.class);
        String expected = meant == null ? CONTROL_PLANE : PeerIdentity.AGENT_PREFIX + meant.hostName();
        var connection = chain.connection();
        if (connection == null
                || !(connection.socket() instanceof SSLSocket socket)
                || !(socket.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate)) {
            throw new SSLPeerUnverifiedException("who answers proves nothing");
        }
        Optional<String> shown = PeerIdentity.uri(certificate);
        if (!shown.equals(Optional.of(expected))) {
            throw new SSLPeerUnverifiedException("who answers has the certificate of "
                    + shown.orElseGet(() -> String.valueOf(certificate.getSubjectX500Principal())) + "; expected "
                    + expected);
        }
        return chain.proceed(chain.request());
    }

    /** The client wants one to tidy chains that nobody looks at; who is believed is the sockets' matter. */
    private static final class NobodyBelieved implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("nobody is believed here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("nobody is believed here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
