package io.longhaul.controlplane.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What the control plane proves itself by to its agents, and whom it believes. Thread safe. Its key is never stored: it
 * is made anew at each start, and again when half of its certificate's life is over. Connections there are go on.
 */
@Component
public class OwnIdentity {

    private static final Logger log = LoggerFactory.getLogger(OwnIdentity.class);
    /** Key stores in memory want one; it protects nothing. */
    private static final char[] NO_PASSWORD = {};

    /** One identity, as the JDK wants it. */
    record Current(KeyStore keys, KeyStore believed, List<X509Certificate> authorities, SSLContext context) {}

    private final CertificateAuthority authority;
    private final Clock clock;
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Current current;
    private Instant renewAt;

    OwnIdentity(CertificateAuthority authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
        this.current = made();
        this.renewAt = renewal();
    }

    /** For new connections; those to come may get another. */
    public SSLContext context() {
        return current.context();
    }

    Current current() {
        return current;
    }

    /** @param listener called after each change, on any thread */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Scheduled(fixedDelayString = "PT1S")
    void keepUp() {
        authority.keepUp();
        if (renewed()) {
            log.info("Renewed the control plane's own certificate");
            listeners.forEach(Runnable::run);
        }
    }

    private synchronized boolean renewed() {
        boolean due =
                !clock.instant().isBefore(renewAt) || !authority.believed().equals(current.authorities());
        if (due) {
            current = made();
            renewAt = renewal();
        }
        return due;
    }

    private Instant renewal() {
        return clock.instant().plus(authority.certificateLife().dividedBy(2));
    }

    private Current made() {
        KeyPair pair = authority.keys();
        List<X509Certificate> chain = authority.issue(pair.getPublic(), PeerNames.ofControlPlane());
        List<X509Certificate> believed = authority.believed();
        try {
            KeyStore keys = store();
            keys.setKeyEntry("identity", pair.getPrivate(), NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyStore trust = store();
            for (int i = 0; i < believed.size(); i++) {
                trust.setCertificateEntry("authority-" + i, believed.get(i));
            }
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
            keyManagers.init(keys, NO_PASSWORD);
            TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
            trustManagers.init(trust);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
            return new Current(keys, trust, believed, context);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This Java runtime cannot hold certificates", e);
        }
    }

    private static KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
