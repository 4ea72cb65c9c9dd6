package io.longhaul.agent;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of the test's own, and everybody that it knows. Immutable. */
public final class TestPki {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final X500Principal NAME = new X500Principal("CN=test authority");

    private final KeyPair keys = keys();
    private final X509Certificate authority = certificate(NAME, keys.getPublic(), "", true, Duration.ofHours(1));

    public static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate authority() {
        return authority;
    }

    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(authority.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate issue(PublicKey key, String uri, Duration life) {
        return certificate(new X500Principal("CN=test"), key, uri, false, life);
    }

    private X509Certificate certificate(
            X500Principal subject, PublicKey key, String uri, boolean isAuthority, Duration life) {
        try {
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    NAME,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plus(life)),
                    subject,
                    key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (!uri.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public String pem(Object... things) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object thing : things) {
                writer.writeObject(thing);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /** As an agent that has joined keeps it. */
    void writeIdentity(Path dataFolder, String hostName) {
        KeyPair own = keys();
        X509Certificate issued = issue(own.getPublic(), "urn:longhaul:agent:" + hostName, Duration.ofHours(1));
        try {
            Files.createDirectories(dataFolder);
            Files.writeString(
                    dataFolder.resolve("identity.pem"),
                    pem(new JcaPKCS8Generator(own.getPrivate(), null), issued, authority) + "# Whom to believe:\n"
                            + pem(authority));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server that is who the URI says, and wants to know who calls. Not started. */
    public WireMockServer server(String uri) {
        try {
            Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "pki");
            Path own = folder.resolve("own.p12").toAbsolutePath();
            Path believed = folder.resolve("believed.p12").toAbsolutePath();
            store(own, identity(uri));
            KeyStore trust = empty();
            trust.setCertificateEntry("authority", authority);
            store(believed, trust);
            return new WireMockServer(options()
                    .dynamicPort()
                    .dynamicHttpsPort()
                    .keystoreType("PKCS12")
                    .keystorePath(own.toString())
                    .keystorePassword("password")
                    .keyManagerPassword("password")
                    .needClientAuth(false)
                    .trustStoreType("PKCS12")
                    .trustStorePath(believed.toString())
                    .trustStorePassword("password"));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void store(Path file, KeyStore store) throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
    }

    private KeyStore identity(String uri) throws IOException, GeneralSecurityException {
        KeyPair own = keys();
        KeyStore store = empty();
        store.setKeyEntry("own", own.getPrivate(), PASSWORD, new X509Certificate[] {
            issue(own.getPublic(), uri, Duration.ofHours(1)), authority
        });
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }

    /** Shows a certificate with the URI, and believes every server: what is tested is whom that believes. */
    HttpClient client(String uri) {
        try {
            KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(identity(uri), PASSWORD);
            return client(managers.getKeyManagers());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shows nothing. */
    HttpClient stranger() {
        return client(new KeyManager[0]);
    }

    private static HttpClient client(KeyManager[] managers) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(managers, new TrustManager[] {new Believing()}, null);
            return HttpClient.newBuilder().sslContext(context).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Extended, so that the JDK's client leaves the comparison of addresses to it. */
    private static final class Believing extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
