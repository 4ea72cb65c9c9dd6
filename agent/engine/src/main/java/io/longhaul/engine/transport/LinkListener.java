package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes links of many sessions on one port, and the connections that come back to them. Thread safe. One thread accepts;
 * each connection is greeted on a thread of its own, of which there is a bounded number, within a deadline that another
 * thread watches.
 */
public final class LinkListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkListener.class);

    /** After a failed accept, such as for want of file descriptors: often enough, and no busy loop. */
    private static final long ACCEPT_RETRY_MILLIS = 100;

    private final ServerSocketChannel server;
    private final LinkSettings settings;
    private final LinkEnvironment environment;
    private final TransportCounters counters = new TransportCounters();
    private final RefusalLog refusals;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Thread> own = new ArrayList<>();
    private final Greetings greetings;
    /** Stands for the secret of an unknown session: nobody has it. */
    private final byte[] noSecret = new byte[Handshake.PROOF_BYTES];

    private final Object lock = new Object();
    private final Map<String, Expectation> expected = new HashMap<>();
    private final Map<String, LiveSession> live = new HashMap<>();
    private final Set<Thread> assembling = new HashSet<>();

    private LinkListener(ServerSocketChannel server, LinkSettings settings, LinkEnvironment environment) {
        this.server = server;
        this.settings = settings;
        this.environment = environment;
        this.refusals = new RefusalLog(LOG, counters, environment.ticker());
        this.greetings = new Greetings(settings.handshakeTimeout(), environment.ticker(), this::tooLate);
        environment.random().nextBytes(noSecret);
        String name = "link-listener-" + server.socket().getLocalPort();
        own.add(environment.newThread(name, this::acceptAll));
        own.add(environment.newThread(name + "-deadlines", greetings::watch));
    }

    /** @param address port 0 for any that is free */
    public static LinkListener open(InetSocketAddress address, LinkSettings settings, LinkEnvironment environment)
            throws LinkException {
        try {
            LinkListener listener = new LinkListener(Sockets.listen(address), settings, environment);
            listener.own.forEach(Thread::start);
            return listener;
        } catch (IOException unbound) {
            throw new LinkException("cannot listen on " + address + ": " + Sockets.reasonOf(unbound), unbound);
        }
    }

    /** Where it listens, with the port that was free. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.socket().getLocalSocketAddress();
    }

    public TransportCounters counters() {
        return counters;
    }

    /**
     * Waits for the link of a session, once: when its urgent connection and another are there and proved, the link is
     * given out, on a thread of the listener, and the session is not expected any more; connections that are lost come
     * back to it as long as it lives. One session per migration.
     *
     * @param peer what the connector has to prove
     */
    public void expect(SessionId session, PeerProof peer, Consumer<Link> taker) {
        synchronized (lock) {
            if (closed.getCount() == 0) {
                throw new IllegalStateException("the listener is closed");
            }
            if (expected.containsKey(session.migrationId())) {
                throw new IllegalStateException("migration " + session.migrationId() + " is expected already");
            }
            expected.put(session.migrationId(), new Expectation(session, peer, taker));
        }
    }

    /** Stops waiting; nothing where it is not expected, or its link was given out. */
    public void cancel(String migrationId) {
        synchronized (lock) {
            Expectation cancelled = expected.remove(migrationId);
            if (cancelled != null) {
                cancelled.abandon();
            }
        }
    }

    /**
     * Closes the port and what is being greeted, and waits for the threads. Links given out go on with the connections
     * that they have. Idempotent.
     */
    @Override
    public void close() {
        List<Thread> threads;
        synchronized (lock) {
            closed.countDown();
            Sockets.closeQuietly(server);
            expected.values().forEach(Expectation::abandon);
            expected.clear();
            threads = new ArrayList<>(assembling);
        }
        threads.addAll(greetings.close());
        threads.addAll(own);
        boolean interrupted = Thread.interrupted();
        for (Thread thread : threads) {
            interrupted |= !joined(thread);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean joined(Thread thread) {
        try {
            if (thread != Thread.currentThread()) {
                thread.join();
            }
            return true;
        } catch (InterruptedException stopped) {
            return false;
        }
    }

    private void acceptAll() {
        while (closed.getCount() > 0) {
            try {
                startGreeting(Sockets.accept(server, settings.congestion()));
            } catch (ClosedChannelException end) {
                return;
            } catch (IOException refused) {
                LOG.warn("a connection could not be accepted: {}", Sockets.reasonOf(refused));
                if (awaitRetry()) {
                    return;
                }
            } catch (RuntimeException | Error fault) {
                // Such as for want of memory for a thread; those who come later are to find a listener.
                LOG.error("a connection could not be greeted", fault);
                if (awaitRetry()) {
                    return;
                }
            }
        }
    }

    private boolean awaitRetry() {
        try {
            return closed.await(ACCEPT_RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            LOG.error("the accepting thread was interrupted and ends");
            return true;
        }
    }

    private void startGreeting(SocketChannel channel) {
        Connection connection = environment.protection().accepting(channel);
        Thread thread = environment.newThread("link-greeting-" + connection.peer(), () -> greet(connection));
        if (greetings.begin(connection, thread)) {
            return;
        }
        if (greetings.isClosed()) {
            Sockets.closeQuietly(connection);
            return;
        }
        refusals.refused(
                RefusalCause.BUSY, connection.peer(), "so many connections are being greeted: " + Greetings.LIMIT);
        Thread refusing = environment.newThread("link-busy-" + connection.peer(), () -> turnAway(connection));
        if (!greetings.turnAway(connection, refusing)) {
            Sockets.closeQuietly(connection);
        }
    }

    /** In what protects the connection, or the peer takes the word for a fault of that. */
    private void turnAway(Connection connection) {
        try {
            byte[] prefix = Sockets.readUnlessEnded(connection, Handshake.HELLO_PREFIX_BYTES);
            if (prefix != null) {
                // A socket that is closed with something unread may take the answer with it.
                byte[] unused = Sockets.read(connection, Handshake.decodeHelloPrefix(prefix));
                Sockets.write(connection, Handshake.encodeRefusal(Refusal.BUSY));
            }
        } catch (IOException | Handshake.RefusedException gone) {
            LOG.debug("{} did not wait for the reason: {}", connection.peer(), gone.toString());
        } catch (RuntimeException | Error bug) {
            LOG.error("turning {} away failed", connection.peer(), bug);
        } finally {
            boolean unused = greetings.end(connection);
            Sockets.closeQuietly(connection);
        }
    }

    private void tooLate(Connection connection) {
        refusals.refused(RefusalCause.LATE, connection.peer(), "it took too long to prove itself");
    }

    private void greet(Connection connection) {
        Joined joined = null;
        try {
            joined = join(connection);
        } catch (Handshake.RefusedException refused) {
            refuse(connection, refused);
        } catch (IOException broken) {
            if (closed.getCount() > 0 && greetings.end(connection)) {
                refusals.refused(UnprovenPeerException.of(broken), connection.peer(), Sockets.reasonOf(broken));
            }
            Sockets.closeQuietly(connection);
        } catch (RuntimeException | Error bug) {
            LOG.error("greeting {} failed", connection.peer(), bug);
            Sockets.closeQuietly(connection);
        } finally {
            leaveGreeting(connection, joined);
        }
        if (joined != null) {
            assemble(joined);
        }
    }

    /** The first connection of an assembly: its thread waits for the others. */
    private record Joined(Expectation expectation, Assembly assembly) {}

    /** What a session is known by: one of both, or neither. */
    private record Known(
            @Nullable Expectation expectation, @Nullable LiveSession live) {}

    private @Nullable Joined join(Connection connection) throws IOException, Handshake.RefusedException {
        byte[] prefix = Sockets.readUnlessEnded(connection, Handshake.HELLO_PREFIX_BYTES);
        if (prefix == null) {
            // The connector found out that it does not need it.
            Sockets.closeQuietly(connection);
            return null;
        }
        byte[] body = Sockets.read(connection, Handshake.decodeHelloPrefix(prefix));
        Hello hello = Handshake.decodeHello(body);
        byte[] sent = Handshake.encodeHello(hello);
        byte[] nonce = new byte[Handshake.NONCE_BYTES];
        environment.random().nextBytes(nonce);
        Known known = known(hello);
        byte[] secret = secretOf(known);
        Handshake.Verdict verdict = verdictOf(known, hello, connection);
        byte[] challenge = Handshake.encodeChallenge(secret, verdict, sent, nonce, settings.windows());
        long start = environment.ticker().nanos();
        Sockets.write(connection, challenge);
        Handshake.RefusedException refusal = refusalOf(known, verdict, hello);
        byte[] proof;
        try {
            proof = Sockets.read(connection, Handshake.PROOF_BYTES);
        } catch (IOException turnedAway) {
            if (refusal != null) {
                throw refusal;
            }
            throw turnedAway;
        }
        long roundTripNanos = environment.ticker().nanos() - start;
        if (!Handshake.isProven(Handshake.prove(secret, sent, challenge), proof)) {
            throw new Handshake.RefusedException(
                    Refusal.UNKNOWN_OR_UNPROVEN, hello.session() + " was not proved: wrong secret");
        }
        if (refusal != null) {
            throw refusal;
        }
        return admit(new Assembly.Arrival(connection, hello, roundTripNanos));
    }

    private Known known(Hello hello) {
        String migration = hello.session().migrationId();
        synchronized (lock) {
            Expectation expectation = expected.get(migration);
            LiveSession session = live.get(migration);
            boolean isOfLive = session != null
                    && session.session().epoch() == hello.session().epoch();
            return isOfLive || expectation == null ? new Known(null, session) : new Known(expectation, null);
        }
    }

    private byte[] secretOf(Known known) {
        if (known.expectation() != null) {
            return known.expectation().peer.secret();
        }
        return known.live() == null ? noSecret : known.live().peer().secret();
    }

    private Handshake.Verdict verdictOf(Known known, Hello hello, Connection from) {
        synchronized (lock) {
            if (known.expectation() != null) {
                return known.expectation().verdictOn(hello, from);
            }
            return known.live() == null
                    ? Handshake.Verdict.WELCOME
                    : known.live().verdictOn(hello, from);
        }
    }

    private static Handshake.@Nullable RefusedException refusalOf(Known known, Handshake.Verdict verdict, Hello hello) {
        if (known.expectation() == null && known.live() == null) {
            return new Handshake.RefusedException(Refusal.UNKNOWN_OR_UNPROVEN, hello.session() + " is not expected");
        }
        return switch (verdict) {
            case WELCOME -> null;
            case HOST ->
                new Handshake.RefusedException(Refusal.HOST, hello.session() + " is expected from another host");
            case EPOCH -> new Handshake.RefusedException(Refusal.EPOCH, hello.session() + " came");
            case LINK_MADE, STALE ->
                new Handshake.RefusedException(Refusal.SUPERSEDED, hello.session() + ": " + verdict.text());
        };
    }

    /** @return what the thread is to assemble; null where it has nothing more to do */
    private @Nullable Joined admit(Assembly.Arrival arrival) throws Handshake.RefusedException {
        Hello hello = arrival.hello();
        LiveSession session;
        synchronized (lock) {
            // It may have become live meanwhile, or have ended.
            Known now = known(hello);
            session = now.live();
            Expectation expectation = now.expectation();
            if (expectation != null
                    && expectation.verdictOn(hello, arrival.connection()) == Handshake.Verdict.WELCOME) {
                Assembly assembly = expectation.assemblyOf(hello);
                boolean first = assembly.present().isEmpty();
                if (!assembly.add(arrival)) {
                    throw superseded(hello);
                }
                return first ? new Joined(expectation, assembly) : null;
            }
        }
        if (session == null || session.verdictOn(hello, arrival.connection()) != Handshake.Verdict.WELCOME) {
            throw new Handshake.RefusedException(
                    Refusal.UNKNOWN_OR_UNPROVEN, hello.session() + " is no longer expected");
        }
        if (!joinLink(session.link(), arrival)) {
            throw superseded(hello);
        }
        return null;
    }

    private static Handshake.RefusedException superseded(Hello hello) {
        return new Handshake.RefusedException(
                Refusal.SUPERSEDED,
                "opening " + hello.opening() + " of connection " + hello.index() + " of " + hello.session());
    }

    private static boolean joinLink(TcpLink link, Assembly.Arrival arrival) {
        Hello hello = arrival.hello();
        return link.join(arrival.connection(), hello.index(), hello.opening(), arrival.roundTripNanos());
    }

    private void leaveGreeting(Connection connection, @Nullable Joined joined) {
        synchronized (lock) {
            boolean unused = greetings.end(connection);
            if (joined != null) {
                assembling.add(Thread.currentThread());
            }
        }
    }

    private void assemble(Joined joined) {
        try {
            joined.assembly().awaitUsableOrAbandoned();
            TcpLink link = claim(joined);
            if (link != null) {
                giveOut(joined.expectation(), link, joined.assembly().peer());
            }
        } catch (InterruptedException stopped) {
            LOG.error("the assembling of {} was interrupted", joined.expectation().session);
        } catch (RuntimeException | Error bug) {
            LOG.error("the link of {} could not be made", joined.expectation().session, bug);
            abandon(joined);
        } finally {
            synchronized (lock) {
                assembling.remove(Thread.currentThread());
            }
        }
    }

    /** Makes the session's link, unless what was assembled was abandoned meanwhile. */
    private @Nullable TcpLink claim(Joined joined) {
        Expectation expectation = joined.expectation();
        Assembly assembly = joined.assembly();
        String migration = expectation.session.migrationId();
        synchronized (lock) {
            if (expected.get(migration) == expectation && expectation.isAssembling(assembly)) {
                expected.remove(migration);
                TcpLink link = new TcpLink(
                        "link-" + migration + "-in",
                        assembly.count(),
                        assembly.windows(),
                        settings,
                        environment,
                        counters);
                live.put(migration, new LiveSession(expectation.session, expectation.peer, assembly.attempt(), link));
                assembly.present().forEach(arrival -> joinOrClose(link, arrival));
                return link;
            }
        }
        LOG.info("a link of {} was not completed: it was begun anew, or is not expected any more", expectation.session);
        return null;
    }

    /** The connector finds its connections closed, and the session unknown. */
    private void abandon(Joined joined) {
        String migration = joined.expectation().session.migrationId();
        synchronized (lock) {
            LiveSession session = live.get(migration);
            if (session != null && session.attempt().equals(joined.assembly().attempt())) {
                live.remove(migration);
            }
            joined.assembly().abandon();
        }
    }

    private static void joinOrClose(TcpLink link, Assembly.Arrival arrival) {
        if (!joinLink(link, arrival)) {
            Sockets.closeQuietly(arrival.connection());
        }
    }

    private void giveOut(Expectation expectation, TcpLink link, String peer) {
        link.onEnd(end -> forget(expectation.session.migrationId(), link));
        link.start(Redial.NOTHING);
        LOG.info("link-{}-in is made with {}", expectation.session.migrationId(), peer);
        try {
            expectation.taker.accept(link);
        } catch (RuntimeException | Error bug) {
            LOG.error("who expected {} failed to take its link", expectation.session, bug);
            link.close();
        }
    }

    private void forget(String migration, TcpLink link) {
        synchronized (lock) {
            LiveSession session = live.get(migration);
            if (session != null && session.link() == link) {
                live.remove(migration);
            }
        }
    }

    /** Before the connector has proved itself it gets a code; behind its proof it expects frames. */
    private void refuse(Connection connection, Handshake.RefusedException refused) {
        Refusal refusal = refused.refusal();
        refusals.refused(refusal.cause(), connection.peer(), String.valueOf(refused.getMessage()));
        try {
            boolean beforeChallenge = refusal == Refusal.VERSION || refusal == Refusal.MALFORMED;
            Sockets.write(connection, beforeChallenge ? Handshake.encodeRefusal(refusal) : endOf(refusal));
        } catch (IOException gone) {
            LOG.debug("it did not wait for the reason: {}", Sockets.reasonOf(gone));
        } finally {
            Sockets.closeQuietly(connection);
        }
    }

    private static byte[] endOf(Refusal refusal) {
        ByteBuffer reason = FrameCodec.encodeReason(refusal.text());
        ByteBuffer frame = ByteBuffer.allocate(FrameCodec.HEADER_BYTES + reason.remaining());
        new FrameCodec()
                .encodeHeader(FrameHeader.of(FrameType.END, FrameCodec.END_REFUSED, reason.remaining()), reason, frame);
        return frame.put(reason).array();
    }
}
