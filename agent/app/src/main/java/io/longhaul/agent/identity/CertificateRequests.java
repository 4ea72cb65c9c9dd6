package io.longhaul.agent.identity;

import io.longhaul.engine.transport.tls.PeerIdentity;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Makes keys and asks for certificates for them. Thread safe; the only class that names the library for it. */
public final class CertificateRequests {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final Duration PROVISIONAL = Duration.ofDays(3650);
    private static final Duration MOMENT = Duration.ofHours(1);

    private final SecureRandom random;

    public CertificateRequests(SecureRandom random) {
        this.random = random;
    }

    /** P-256. */
    KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    /** In PEM, signed by the key that it is about. */
    static String request(KeyPair keys, String hostName) throws GeneralSecurityException {
        try {
            return Pem.write(
                    Pem.REQUEST,
                    new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + hostName), keys.getPublic())
                            .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()))
                            .getEncoded());
        } catch (IOException | OperatorCreationException e) {
            throw new GeneralSecurityException("the request for a certificate cannot be made", e);
        }
    }

    /** For a server that must listen before the host has joined: nobody believes it, and it believes itself only. */
    public TlsIdentity provisional(Instant now) throws GeneralSecurityException {
        return believingItself(now, PROVISIONAL, "not joined yet", Optional.empty());
    }

    /** For a host that speaks to itself for a moment: by its name, and believed by nobody else. */
    public TlsIdentity forItself(String hostName, Instant now) throws GeneralSecurityException {
        return believingItself(now, MOMENT, hostName, Optional.of(PeerIdentity.AGENT_PREFIX + hostName));
    }

    private TlsIdentity believingItself(Instant now, Duration life, String subject, Optional<String> uri)
            throws GeneralSecurityException {
        KeyPair keys = keys();
        X500Principal name = new X500Principal("CN=" + subject);
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name, BigInteger.ONE, Date.from(now), Date.from(now.plus(life)), name, keys.getPublic());
            if (uri.isPresent()) {
                GeneralName alternative = new GeneralName(GeneralName.uniformResourceIdentifier, uri.get());
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternative));
            }
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate())));
            return new TlsIdentity(keys.getPrivate(), List.of(certificate), List.of(certificate));
        } catch (IOException | OperatorCreationException e) {
            throw new GeneralSecurityException("a certificate for this host alone cannot be made", e);
        }
    }
}
