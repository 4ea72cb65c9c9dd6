package io.longhaul.engine.transport.tls;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The host that a certificate was issued to. Immutable. The name stands in the certificate as the URI
 * {@code urn:longhaul:agent:<name>}; addresses say nothing, because hosts have several and change them.
 */
public record PeerIdentity(String hostName) {
    public static final String AGENT_PREFIX = "urn:longhaul:agent:";

    /** GeneralName's tag of a URI. */
    private static final int URI = 6;

    /**
     * @throws SSLException where the peer has proven nothing, or to be something else than one agent, or where its
     *     certificate is not valid any more, as it may be where an earlier session was resumed
     */
    static PeerIdentity ofValid(SSLSession session) throws SSLException {
        if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
            try {
                certificate.checkValidity();
            } catch (CertificateException invalid) {
                throw new SSLException(invalid.getMessage(), invalid);
            }
            return of(certificate)
                    .orElseThrow(() -> new SSLPeerUnverifiedException(
                            "the peer's certificate is not an agent's: " + certificate.getSubjectX500Principal()));
        }
        throw new SSLPeerUnverifiedException("the peer's certificate is of a kind that has no names");
    }

    /** Empty where the certificate is not exactly one agent's. */
    public static Optional<PeerIdentity> of(X509Certificate certificate) {
        return uri(certificate)
                .filter(uri -> uri.startsWith(AGENT_PREFIX) && uri.length() > AGENT_PREFIX.length())
                .map(uri -> new PeerIdentity(uri.substring(AGENT_PREFIX.length())));
    }

    /** The one URI that says whose the certificate is; empty where there is none or more. */
    public static Optional<String> uri(X509Certificate certificate) {
        List<String> uris = uris(certificate);
        return uris.size() == 1 ? Optional.of(uris.get(0)) : Optional.empty();
    }

    /** @throws SSLException where it is another */
    public void require(String expectedHostName) throws SSLException {
        if (!hostName.equals(expectedHostName)) {
            throw new SSLPeerUnverifiedException(
                    "the peer has the certificate of the host " + hostName + "; expected that of " + expectedHostName);
        }
    }

    private static List<String> uris(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0).equals(URI))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
