package io.longhaul.controlplane.trust;

import java.io.IOException;
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
import org.springframework.stereotype.Component;

/**
 * Makes a client's calls go to the agent they are meant for and to no other. Thread safe. A call that names no host
 * reaches nobody.
 */
@Component
public class TrustedCalls {

    private static final ConnectionSpec TLS = new ConnectionSpec.Builder(true)
            .tlsVersions(TlsVersion.TLS_1_3)
            .cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_AES_256_GCM_SHA384)
            .build();

    private final OwnIdentity identity;
    private final HostCertificates hosts;

    TrustedCalls(OwnIdentity identity, HostCertificates hosts) {
        this.identity = identity;
        this.hosts = hosts;
    }

    /** Whom a call is meant for: a tag of its request. */
    public record MeantFor(String host) {}

    /** Addresses are not compared: who answers is known by the name in its certificate, before anything is sent. */
    public OkHttpClient.Builder secure(OkHttpClient.Builder client) {
        return client.sslSocketFactory(new RotatingSockets(identity::context), new NoRoots())
                .hostnameVerifier((address, session) -> true)
                .connectionSpecs(List.of(TLS))
                .protocols(List.of(Protocol.HTTP_1_1))
                .addNetworkInterceptor(this::requireMeant);
    }

    private Response requireMeant(Interceptor.Chain chain) throws IOException {
        MeantFor meant = chain.request().tag(MeantFor.class);
        var connection = chain.connection();
        if (meant == null || connection == null || !(connection.socket() instanceof SSLSocket socket)) {
            throw new SSLPeerUnverifiedException("the call names no host, or its connection proves none");
        }
        if (!(socket.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate)) {
            throw new SSLPeerUnverifiedException("the agent's certificate has no names");
        }
        Optional<String> shown = PeerNames.agent(certificate);
        if (!shown.equals(Optional.of(meant.host()))) {
            throw new SSLPeerUnverifiedException("who answers has the certificate of "
                    + shown.map(name -> "the agent of " + name).orElse("no agent") + "; expected the agent of "
                    + meant.host());
        }
        if (!hosts.welcome(certificate, meant.host())) {
            throw new SSLPeerUnverifiedException("the host " + meant.host() + " was shut out");
        }
        return chain.proceed(chain.request());
    }

    /**
     * The client wants one to tidy the chains it shows, which nobody looks at. Who is believed is the sockets' matter:
     * they check before this could be asked.
     */
    private static final class NoRoots implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
                throws java.security.cert.CertificateException {
            throw new java.security.cert.CertificateException("nothing is believed here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
                throws java.security.cert.CertificateException {
            throw new java.security.cert.CertificateException("nothing is believed here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
