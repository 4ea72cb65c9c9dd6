package io.longhaul.agent.security;

import io.longhaul.agent.identity.CertificateRequests;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/**
 * Has the agent's HTTP port speak TLS 1.3 with the host's certificate of the moment. Thread safe. It asks for a certificate
 * and refuses a wrong one; what may be asked without any is {@link PeerFilter}'s matter. Before the host has joined it
 * shows a certificate that nobody believes.
 */
public final class AgentConnector implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private final TlsContexts contexts;
    private final CertificateRequests requests;
    private final Clock clock;
    private @Nullable TlsIdentity shown;
    private @Nullable Connector connector;

    public AgentConnector(TlsContexts contexts, CertificateRequests requests, Clock clock) {
        this.contexts = contexts;
        this.requests = requests;
        this.clock = clock;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(this::secure);
    }

    private synchronized void secure(Connector made) {
        made.setScheme("https");
        made.setSecure(true);
        made.setProperty("SSLEnabled", "true");
        made.addSslHostConfig(host());
        connector = made;
    }

    /** Connections there are go on as they are; the next handshake is with this certificate. */
    public synchronized void show(TlsIdentity identity) {
        shown = identity;
        if (connector != null && connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
            protocol.addSslHostConfig(host(), true);
        }
    }

    private TlsIdentity identity() throws GeneralSecurityException {
        if (shown != null) {
            return shown;
        }
        return contexts.identity().isPresent() ? contexts.identity().get() : requests.provisional(clock.instant());
    }

    private SSLHostConfig host() {
        try {
            TlsIdentity identity = identity();
            SSLHostConfig host = new SSLHostConfig();
            host.setProtocols("TLSv1.3");
            host.setCertificateVerification("optional");
            host.setTrustStore(identity.trustStore());
            // A resumed session would go by the certificate of an earlier handshake.
            host.setSessionCacheSize(1);
            host.setSessionTimeout(1);
            SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
            certificate.setCertificateKeystore(identity.keyStore());
            certificate.setCertificateKeystorePassword("");
            certificate.setCertificateKeyPassword("");
            host.addCertificate(certificate);
            return host;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This Java runtime cannot hold certificates", e);
        }
    }
}
