package io.longhaul.controlplane.trust;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** A key that certificates are signed with, and its own certificate. Immutable. */
record Authority(PrivateKey key, X509Certificate certificate) {

    Instant madeAt() {
        return certificate.getNotBefore().toInstant();
    }

    Instant endsAt() {
        return certificate.getNotAfter().toInstant();
    }

    /** By which an agent with a join token recognises it. */
    String fingerprint() {
        return Digests.of(certificate);
    }
}
