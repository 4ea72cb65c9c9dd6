package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
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
 * Takes links of many sessions on one port. Thread safe. One thread accepts; each connection is greeted on a thread of
 * its own, of which there is a bounded number, within a deadline.
 */
public final class LinkListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkListener.class);

    /** Who has proved nothing gets at most so many threads; enough for some links of the most connections at once. */
    private static final int GREETING_LIMIT = 256;
    /** After a failed accept, such as for want of file descriptors: often enough, and no busy loop. */
    private static final long ACCEPT_RETRY_MILLIS = 100;
    /** Stands for the secret of an unknown session, so that its refusal takes as long as that of a wrong proof. */
    private static final byte[] NO_SECRET = new byte[Handshake.SECRET_LEAST_BYTES];

    private final ServerSocketChannel server;
    private final LinkSettings settings;
    private final LinkEnvironment environment;
    private final TransportCounters counters = new TransportCounters();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread accepting;

    private final Object lock = new Object();
    private final Map<String, Expectation> expected = new HashMap<>();
    private final Map<SocketChannel, Thread> greeting = new HashMap<>();
    private final Set<Thread> assembling = new HashSet<>();

    private LinkListener(ServerSocketChannel server, LinkSettings settings, LinkEnvironment environment) {
        this.server = server;
        this.settings = settings;
        this.environment = environment;
        this.accepting =
                environment.newThread("link-listener-" + server.socket().getLocalPort(), this::acceptAll);
    }

    /** @param address port 0 for any that is free */
    public static LinkListener open(InetSocketAddress address, LinkSettings settings, LinkEnvironment environment)
            throws LinkException {
        try {
            LinkListener listener = new LinkListener(Sockets.listen(address), settings, environment);
            listener.accepting.start();
            return listener;
        } catch (IOException unbound) {
            throw new LinkException("cannot listen on " + address + ": " + unbound.getMessage(), unbound);
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
     * Waits for the link of a session, once: when all its connections are there and proved, the link is given out, on a
     * thread of the listener, and the session is not expected any more. One session per migration.
     *
     * @param secret at least 16 bytes, known to both agents only
     */
    public void expect(SessionId session, byte[] secret, Consumer<Link> taker) {
        Handshake.checkSecret(secret);
        synchronized (lock) {
            if (closed.getCount() == 0) {
                throw new IllegalStateException("the listener is closed");
            }
            if (expected.containsKey(session.migrationId())) {
                throw new IllegalStateException("migration " + session.migrationId() + " is expected already");
            }
            expected.put(session.migrationId(), new Expectation(session, secret.clone(), taker));
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

    /** Closes the port and what is being greeted, and waits for the threads. Links given out go on. Idempotent. */
    @Override
    public void close() {
        List<Thread> threads;
        synchronized (lock) {
            closed.countDown();
            Sockets.closeQuietly(server);
            expected.values().forEach(Expectation::abandon);
            expected.clear();
            greeting.keySet().forEach(Sockets::closeQuietly);
            threads = new ArrayList<>(greeting.values());
            threads.addAll(assembling);
        }
        threads.add(accepting);
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
                startGreeting(Sockets.accept(server));
            } catch (ClosedChannelException end) {
                return;
            } catch (IOException refused) {
                LOG.warn("a connection could not be accepted: {}", refused.getMessage());
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
        synchronized (lock) {
            if (closed.getCount() == 0) {
                Sockets.closeQuietly(channel);
                return;
            }
            if (greeting.size() < GREETING_LIMIT) {
                Thread thread = environment.newThread(
                        "link-greeting-" + channel.socket().getRemoteSocketAddress(), () -> greet(channel));
                greeting.put(channel, thread);
                thread.start();
                return;
            }
        }
        refuse(channel, new Handshake.RefusedException(Refusal.BUSY, GREETING_LIMIT + " are at it"));
    }

    private void greet(SocketChannel channel) {
        Sockets.Deadline deadline = Sockets.Deadline.in(settings.handshakeTimeout(), environment.ticker());
        Joined joined = null;
        try {
            joined = join(channel, deadline);
        } catch (Handshake.RefusedException refused) {
            refuse(channel, refused);
        } catch (IOException broken) {
            counters.onRefusedHandshake();
            LOG.warn("a connection from {} was not greeted: {}", peerOf(channel), broken.getMessage());
            Sockets.closeQuietly(channel);
        } finally {
            leaveGreeting(channel, joined);
        }
        if (joined != null && joined.first()) {
            assemble(joined, deadline);
        }
    }

    /** @param first whether this connection's thread is the one to wait for the others */
    private record Joined(Expectation expectation, Assembly assembly, boolean first) {}

    private Joined join(SocketChannel channel, Sockets.Deadline deadline)
            throws IOException, Handshake.RefusedException {
        byte[] prefix = Sockets.read(channel, Handshake.HELLO_PREFIX_BYTES, deadline);
        byte[] body = Sockets.read(channel, Handshake.decodeHelloPrefix(prefix), deadline);
        Hello hello = Handshake.decodeHello(body);
        byte[] nonce = new byte[Handshake.NONCE_BYTES];
        environment.random().nextBytes(nonce);
        byte[] challenge = Handshake.encodeChallenge(nonce, settings.windows());
        Sockets.write(channel, challenge);
        byte[] proof = Sockets.read(channel, Handshake.PROOF_BYTES, deadline);
        byte[] sent = Handshake.encodeHello(hello);
        Expectation expectation = proven(hello, sent, challenge, proof);
        // Before it joins: the link may write to it from then on.
        Sockets.write(
                channel,
                Handshake.encodeAccepted(
                        Handshake.prove(expectation.secret, Handshake.Role.LISTENER, sent, challenge)));
        channel.socket().setSoTimeout(0);
        return add(expectation, hello, channel);
    }

    private Expectation proven(Hello hello, byte[] sent, byte[] challenge, byte[] proof)
            throws Handshake.RefusedException {
        Expectation expectation;
        synchronized (lock) {
            expectation = expected.get(hello.session().migrationId());
        }
        byte[] secret = expectation == null ? NO_SECRET : expectation.secret;
        byte[] needed = Handshake.prove(secret, Handshake.Role.CONNECTOR, sent, challenge);
        if (!Handshake.isProven(needed, proof) || expectation == null) {
            String detail = expectation == null ? " is not expected" : " was not proved: wrong secret";
            throw new Handshake.RefusedException(Refusal.UNKNOWN_OR_UNPROVEN, hello.session() + detail);
        }
        if (expectation.session.epoch() != hello.session().epoch()) {
            throw new Handshake.RefusedException(
                    Refusal.EPOCH, hello.session() + " came, " + expectation.session + " is expected");
        }
        return expectation;
    }

    private Joined add(Expectation expectation, Hello hello, SocketChannel channel) throws Handshake.RefusedException {
        synchronized (lock) {
            if (expected.get(hello.session().migrationId()) != expectation) {
                throw new Handshake.RefusedException(
                        Refusal.UNKNOWN_OR_UNPROVEN, hello.session() + " is no longer expected");
            }
            Assembly assembly = expectation.assemblyOf(hello);
            boolean first = assembly.present().isEmpty();
            if (!assembly.add(hello.index(), channel)) {
                throw new Handshake.RefusedException(
                        Refusal.MALFORMED, "connection " + hello.index() + " of " + hello.session() + " came twice");
            }
            return new Joined(expectation, assembly, first);
        }
    }

    private void leaveGreeting(SocketChannel channel, @Nullable Joined joined) {
        synchronized (lock) {
            greeting.remove(channel);
            if (joined != null && joined.first()) {
                assembling.add(Thread.currentThread());
            }
        }
    }

    private void assemble(Joined joined, Sockets.Deadline deadline) {
        try {
            boolean complete = joined.assembly().awaitComplete(deadline.nanosLeft());
            if (claim(joined, complete)) {
                giveOut(joined);
            }
        } catch (InterruptedException stopped) {
            boolean unused = claim(joined, false);
        } finally {
            synchronized (lock) {
                assembling.remove(Thread.currentThread());
            }
        }
    }

    /** Takes the session out if its link is whole, else lets the connections go; the session stays expected. */
    private boolean claim(Joined joined, boolean complete) {
        Expectation expectation = joined.expectation();
        synchronized (lock) {
            boolean current = expected.get(expectation.session.migrationId()) == expectation
                    && expectation.isAssembling(joined.assembly());
            if (current && complete) {
                expected.remove(expectation.session.migrationId());
                return true;
            }
            if (current) {
                expectation.abandon();
            }
        }
        LOG.warn("the link of {} was not completed; it may be tried again", expectation.session);
        return false;
    }

    private void giveOut(Joined joined) {
        Expectation expectation = joined.expectation();
        List<SocketChannel> channels = joined.assembly().present();
        TcpLink link;
        try {
            link = new TcpLink(
                    "link-" + expectation.session.migrationId() + "-in",
                    channels,
                    joined.assembly().windows(),
                    settings,
                    environment,
                    counters);
        } catch (IOException gone) {
            LOG.warn("the link of {} was lost at once: {}", expectation.session, gone.getMessage());
            channels.forEach(Sockets::closeQuietly);
            return;
        }
        link.start();
        try {
            expectation.taker.accept(link);
        } catch (RuntimeException bug) {
            LOG.error("who expected {} failed to take its link", expectation.session, bug);
            link.close();
        }
    }

    private void refuse(SocketChannel channel, Handshake.RefusedException refused) {
        counters.onRefusedHandshake();
        LOG.warn("a connection from {} is refused: {}", peerOf(channel), refused.getMessage());
        try {
            Sockets.write(channel, Handshake.encodeRefusal(refused.refusal()));
        } catch (IOException gone) {
            LOG.debug("it did not wait for the reason: {}", gone.getMessage());
        } finally {
            Sockets.closeQuietly(channel);
        }
    }

    private static String peerOf(SocketChannel channel) {
        return String.valueOf(channel.socket().getRemoteSocketAddress());
    }
}
