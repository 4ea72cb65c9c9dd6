package io.longhaul.controlplane.trust;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Keys, certificates and requests as text. Has no state. */
final class Pem {

    static final String CERTIFICATE = "CERTIFICATE";
    static final String KEY = "PRIVATE KEY";
    static final String REQUEST = "CERTIFICATE REQUEST";

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----\\s([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private Pem() {}

    static String write(String kind, byte[] encoded) {
        return "-----BEGIN " + kind + "-----\n" + LINES.encodeToString(encoded) + "\n-----END " + kind + "-----\n";
    }

    static String write(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> write(CERTIFICATE, encoded(certificate)))
                .collect(Collectors.joining());
    }

    /** The blocks of one kind, in their order; others are passed over. */
    static List<byte[]> read(String kind, String text) throws GeneralSecurityException {
        try {
            return BLOCK.matcher(text)
                    .results()
                    .filter(block -> block.group(1).equals(kind))
                    .map(block -> Base64.getMimeDecoder().decode(block.group(2)))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the text between BEGIN and END " + kind + " is not base64", e);
        }
    }

    static byte[] one(String kind, String text) throws GeneralSecurityException {
        List<byte[]> found = read(kind, text);
        if (found.size() != 1) {
            throw new GeneralSecurityException("found " + found.size() + " blocks of " + kind + "; expected one");
        }
        return found.get(0);
    }

    static X509Certificate certificate(byte[] encoded) throws GeneralSecurityException {
        Certificate read =
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        if (read instanceof X509Certificate certificate) {
            return certificate;
        }
        throw new GeneralSecurityException("not an X.509 certificate");
    }

    static PrivateKey key(byte[] encoded) throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A certificate that was read can be written", e);
        }
    }
}
