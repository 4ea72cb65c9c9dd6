package io.longhaul.engine.transport.tls;

import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The host's identity of the moment. Thread safe. Connections that are made after {@link #replace} have the new one;
 * those there are go on with theirs.
 */
public final class TlsContexts {

    private record Current(TlsIdentity identity, SSLContext context) {}

    private final AtomicReference<@Nullable Current> current = new AtomicReference<>();

    /** @throws GeneralSecurityException where key and certificates make no context; the identity stays what it was */
    public void replace(TlsIdentity identity) throws GeneralSecurityException {
        current.set(new Current(identity, identity.context()));
    }

    /** Empty until the host has its first certificate. */
    public Optional<TlsIdentity> identity() {
        return Optional.ofNullable(current.get()).map(Current::identity);
    }

    /** @throws SSLException where the host has no certificate yet */
    public SSLContext context() throws SSLException {
        Current now = current.get();
        if (now == null) {
            throw new SSLException("this host has no certificate yet; it has not joined a control plane");
        }
        return now.context();
    }
}
