package io.longhaul.engine.session;

import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkConnector;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkListener;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.PeerProof;
import io.longhaul.engine.transport.RefusalCause;
import io.longhaul.engine.transport.SessionId;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Links over TCP. Thread safe. */
public final class TcpLinks implements Links {
    private final LinkListener listener;
    private final LinkConnector connector;
    private final LinkSettings settings;

    private TcpLinks(LinkListener listener, LinkConnector connector, LinkSettings settings) {
        this.listener = listener;
        this.connector = connector;
        this.settings = settings;
    }

    /**
     * Opens the transfer port.
     *
     * @param address port 0 for any that is free
     * @param settings with the patience of {@link EngineSettings#linkPatience}; the sides change it as their guest is
     *     paused
     * @throws LinkException where it cannot be bound
     */
    public static TcpLinks open(InetSocketAddress address, LinkSettings settings, LinkEnvironment environment)
            throws LinkException {
        return new TcpLinks(
                LinkListener.open(address, settings, environment), new LinkConnector(environment), settings);
    }

    @Override
    public InetSocketAddress address() {
        return listener.address();
    }

    @Override
    public Link connect(
            InetSocketAddress destination, String migrationId, long epoch, ExpectedPeer peer, BooleanSupplier wanted)
            throws LinkException, InterruptedException {
        return connector.connect(
                List.of(destination), new SessionId(migrationId, epoch), proofOf(peer), settings, wanted);
    }

    @Override
    public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
        listener.expect(new SessionId(migrationId, epoch), proofOf(peer), onLink);
    }

    @Override
    public void cancel(String migrationId) {
        listener.cancel(migrationId);
    }

    /** Connections, made by this host or by others, that did not prove that they belong to an expected session. */
    public long refusedHandshakes(RefusalCause cause) {
        return listener.counters().refusedHandshakes(cause)
                + connector.counters().refusedHandshakes(cause);
    }

    /** Frames that were damaged or not allowed; each cost its connection. */
    public long badFrames() {
        return listener.counters().badFrames() + connector.counters().badFrames();
    }

    @Override
    public void close() {
        listener.close();
    }

    private static PeerProof proofOf(ExpectedPeer peer) {
        return new PeerProof(Base64.getDecoder().decode(peer.token().base64()), peer.hostName());
    }
}
