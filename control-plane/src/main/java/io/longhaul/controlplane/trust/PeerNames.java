package io.longhaul.controlplane.trust;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Whom a certificate is about. Has no state. */
public final class PeerNames {

    static final String CONTROL_PLANE = "urn:longhaul:control-plane";
    private static final String AGENT = "urn:longhaul:agent:";
    /** GeneralName's tag of a URI. */
    private static final int URI = 6;

    private PeerNames() {}

    static Certificates.Name ofAgent(String host) {
        return new Certificates.Name(host, AGENT + host);
    }

    static Certificates.Name ofControlPlane() {
        return new Certificates.Name("longhaul-control-plane", CONTROL_PLANE);
    }

    /** The host whose agent's certificate it is; empty where it is nobody's, or somebody else's. */
    public static Optional<String> agent(X509Certificate certificate) {
        List<String> names = uris(certificate);
        return names.size() == 1 && names.get(0).startsWith(AGENT)
                ? Optional.of(names.get(0).substring(AGENT.length()))
                : Optional.empty();
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
