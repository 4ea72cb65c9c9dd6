package io.longhaul.agent.identity;

import io.longhaul.engine.transport.tls.PeerIdentity;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509TrustManager;

/**
 * Believes the control plane whose authority the join token names, and nobody else: for the one call by which a host
 * joins. Immutable.
 */
final class PinnedAuthority implements X509TrustManager {
    private final String fingerprint;

    PinnedAuthority(String fingerprint) {
        this.fingerprint = fingerprint;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            X509Certificate authority = Arrays.stream(chain)
                    .filter(this::pinned)
                    .findFirst()
                    .orElseThrow(() -> new CertificateException(
                            "the control plane is not of the authority that the join token names: expected one with the "
                                    + "fingerprint " + fingerprint));
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            parameters.setRevocationEnabled(false);
            var unused = CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(chain[0])), parameters);
            if (!PeerIdentity.uri(chain[0]).equals(Optional.of(Peers.CONTROL_PLANE))) {
                throw new CertificateException("who answers is not the control plane");
            }
        } catch (CertificateException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the control plane's certificate is not good: " + e.getMessage(), e);
        }
    }

    private boolean pinned(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest).equals(fingerprint);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("no client is believed here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
