package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.config.ControlPlaneProperties;
import jakarta.servlet.ServletRequest;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The port that agents speak to, beside the API's: TLS 1.3, with the identity of the moment. Thread safe. It asks for a
 * certificate and refuses a wrong one; who may come without any is {@link AgentsPortFilter}'s matter.
 */
@Component
public class AgentsConnector implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final Logger log = LoggerFactory.getLogger(AgentsConnector.class);

    private final ControlPlaneProperties properties;
    private final OwnIdentity identity;
    private final Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");

    AgentsConnector(ControlPlaneProperties properties, OwnIdentity identity) {
        this.properties = properties;
        this.identity = identity;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        connector.setPort(properties.agentsPort());
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("address", properties.agentsAddress());
        connector.setProperty("SSLEnabled", "true");
        connector.addSslHostConfig(host());
        factory.addAdditionalConnectors(connector);
        identity.onChange(this::renew);
    }

    /** Connections there are go on as they are; the next handshake is with the new certificate. */
    private void renew() {
        if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
            protocol.addSslHostConfig(host(), true);
        }
    }

    private SSLHostConfig host() {
        OwnIdentity.Current current = identity.current();
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols("TLSv1.3");
        host.setCertificateVerification("optional");
        host.setTrustStore(current.believed());
        // A resumed session would go by the certificate of an earlier handshake, which may be shut out by now.
        host.setSessionCacheSize(1);
        host.setSessionTimeout(1);
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
        certificate.setCertificateKeystore(current.keys());
        certificate.setCertificateKeystorePassword("");
        certificate.setCertificateKeyPassword("");
        host.addCertificate(certificate);
        return host;
    }

    @EventListener(ApplicationReadyEvent.class)
    void tellPort() {
        log.info("Agents report to {} port {} (TLS)", properties.agentsAddress(), port());
    }

    /** The one it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    boolean tookIn(ServletRequest request) {
        return request.getLocalPort() == port();
    }
}
