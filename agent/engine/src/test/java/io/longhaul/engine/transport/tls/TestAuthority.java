package io.longhaul.engine.transport.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority for one test, which issues whatever the test asks of it. Immutable. */
public final class TestAuthority {
    private static final Duration LIFE = Duration.ofHours(1);

    private final KeyPair keys = keys();
    private final X500Name name;
    private final X509Certificate certificate;

    public TestAuthority(String name) {
        this.name = new X500Name("CN=" + name);
        Instant now = Instant.now();
        this.certificate = certificate(this.name, keys, "", true, now.minus(LIFE), now.plus(LIFE));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** Of an agent, and believing this authority. */
    public TlsIdentity agent(String hostName) {
        return identity(PeerIdentity.AGENT_PREFIX + hostName, LIFE);
    }

    public TlsIdentity expired(String hostName) {
        return identity(PeerIdentity.AGENT_PREFIX + hostName, LIFE.dividedBy(-2));
    }

    /** @param untilEnd from now; may be over already */
    public TlsIdentity identity(String uri, Duration untilEnd) {
        KeyPair own = keys();
        Instant now = Instant.now();
        X509Certificate issued =
                certificate(new X500Name("CN=test"), own, uri, false, now.minus(LIFE), now.plus(untilEnd));
        return new TlsIdentity(own.getPrivate(), List.of(issued), List.of(certificate));
    }

    private X509Certificate certificate(
            X500Name subject, KeyPair owner, String uri, boolean authority, Instant from, Instant until) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(from),
                    Date.from(until),
                    subject,
                    owner.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!uri.isEmpty()) {
                GeneralName alternative = new GeneralName(GeneralName.uniformResourceIdentifier, uri);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternative));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
