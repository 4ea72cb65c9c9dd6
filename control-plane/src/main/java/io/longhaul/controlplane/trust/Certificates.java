package io.longhaul.controlplane.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** Makes certificates and reads requests for them. Thread safe; the only class that names the library for it. */
final class Certificates {

    /** Clocks of hosts differ a little; a certificate must not be from the future for any. */
    static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    private static final int SERIAL_BITS = 127;
    private static final int KEY_BITS = 256;
    private static final String SIGNATURE = "SHA256withECDSA";

    private final SecureRandom random;

    Certificates(SecureRandom random) {
        this.random = random;
    }

    /** P-256. */
    KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    Authority authority(Instant now, Duration life) throws GeneralSecurityException {
        KeyPair keys = keys();
        BigInteger serial = serial();
        X500Name name = name("Longhaul authority " + serial.toString(16).substring(0, 8));
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name, serial, Date.from(now.minus(CLOCKS_DIFFER)), Date.from(now.plus(life)), name, keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return new Authority(keys.getPrivate(), signed(builder, keys.getPrivate()));
        } catch (IOException | OperatorCreationException e) {
            throw new GeneralSecurityException("The authority's certificate cannot be made", e);
        }
    }

    /** @param uri who has the key */
    X509Certificate issue(Authority authority, PublicKey key, Name name, Instant now, Duration life)
            throws GeneralSecurityException {
        Instant end = now.plus(life);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                authority.certificate(),
                serial(),
                Date.from(now.minus(CLOCKS_DIFFER)),
                Date.from(end.isBefore(authority.endsAt()) ? end : authority.endsAt()),
                new javax.security.auth.x500.X500Principal(subject(name.common())),
                key);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, name.uri())));
            return signed(builder, authority.key());
        } catch (IOException | OperatorCreationException e) {
            throw new GeneralSecurityException("A certificate for " + name.uri() + " cannot be made", e);
        }
    }

    /** Who a certificate is about. */
    record Name(String common, String uri) {}

    /**
     * The key that a request is about, which its sender has.
     *
     * @throws GeneralSecurityException where it is no request, has another kind of key, or is not signed by it
     */
    static PublicKey requestedKey(String pem) throws GeneralSecurityException {
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(Pem.one(Pem.REQUEST, pem));
            PublicKey key = request.getPublicKey();
            if (!(key instanceof ECPublicKey elliptic)
                    || elliptic.getParams().getCurve().getField().getFieldSize() != KEY_BITS) {
                throw new GeneralSecurityException("its key is not of the curve P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new GeneralSecurityException("it is not signed by its own key");
            }
            return key;
        } catch (IOException | OperatorCreationException | PKCSException | RuntimeException e) {
            throw new GeneralSecurityException("it is not a PKCS #10 request: " + e.getMessage(), e);
        }
    }

    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    private static X500Name name(String common) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, common).build();
    }

    /** Names of hosts need no quoting. */
    private static String subject(String common) {
        return "CN=" + common;
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, java.security.PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }
}
