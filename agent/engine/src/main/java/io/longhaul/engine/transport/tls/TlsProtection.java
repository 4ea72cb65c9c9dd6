package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Connection;
import io.longhaul.engine.transport.Protection;
import io.longhaul.engine.transport.RefusalCause;
import io.longhaul.engine.transport.UnprovenPeerException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.BitSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * Mutual TLS 1.3 on every connection, with the identity that the host has when the connection is made. Thread safe.
 *
 * <p>A connection that is opened again resumes what an earlier one to the same host has proved, where that connection is
 * gone and the identity the same: as many round trips, but no signatures. The name and the validity of the certificate
 * are checked as ever.
 */
public final class TlsProtection implements Protection {
    /** Half the work of a 256-bit key for the bulk of the bytes; both are far beyond reach. */
    private static final String[] SUITES = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
    };

    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final TlsContexts contexts;
    private final Duration handshakeTimeout;
    private final Ticker ticker;
    private final Slots slots = new Slots();

    /** @param handshakeTimeout from a connection's first read or write until both sides are proven */
    public TlsProtection(TlsContexts contexts, Duration handshakeTimeout, Ticker ticker) {
        this.contexts = contexts;
        this.handshakeTimeout = handshakeTimeout;
        this.ticker = ticker;
    }

    @Override
    public Connection connecting(SocketChannel connected, String hostName) {
        int slot = slots.take();
        try {
            SSLEngine engine = strict(contexts.context().createSSLEngine(hostName, slot));
            engine.setUseClientMode(true);
            return new TlsChannel(
                    connected, engine, peer -> peer.require(hostName), deadline(), () -> slots.release(slot));
        } catch (SSLException noIdentity) {
            slots.release(slot);
            return refusing(connected, noIdentity);
        }
    }

    @Override
    public Connection accepting(SocketChannel accepted) {
        try {
            SSLContext context = contexts.context();
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setNeedClientAuth(true);
            return new TlsChannel(accepted, strict(engine), peer -> {}, deadline(), () -> {});
        } catch (SSLException noIdentity) {
            return refusing(accepted, noIdentity);
        }
    }

    private TlsChannel.Deadline deadline() {
        return new TlsChannel.Deadline(handshakeTimeout, ticker);
    }

    private static SSLEngine strict(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setCipherSuites(SUITES);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static Connection refusing(SocketChannel socket, SSLException why) {
        return new RefusingConnection(
                socket, new UnprovenPeerException(RefusalCause.NO_IDENTITY, String.valueOf(why.getMessage()), why));
    }

    /**
     * Numbers for the connections that are open. The JDK remembers one session for each host and port, and forgets it when
     * it is used: with a number in the port's place, each of a link's connections has its own. Thread safe.
     */
    private static final class Slots {
        private final BitSet taken = new BitSet();

        synchronized int take() {
            int slot = taken.nextClearBit(0);
            taken.set(slot);
            return slot;
        }

        synchronized void release(int slot) {
            taken.clear(slot);
        }
    }
}
