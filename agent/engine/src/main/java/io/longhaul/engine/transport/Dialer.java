package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Opens the connections of one link, each with its proof, over its pairs of addresses in turn. Thread safe. */
final class Dialer {
    /** Within one machine or one rack. */
    private static final long NEARBY_NANOS = 1_000_000;

    private final List<InetSocketAddress> listeners;
    private final SessionId session;
    private final PeerProof peer;
    private final LinkSettings settings;
    private final LinkEnvironment environment;
    private final RefusalLog refusals;
    private final Ticker ticker;
    private final Hello.Key attempt;
    private final AtomicIntegerArray openings;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    Dialer(
            List<InetSocketAddress> listeners,
            SessionId session,
            PeerProof peer,
            LinkSettings settings,
            LinkEnvironment environment,
            RefusalLog refusals) {
        this.listeners = List.copyOf(listeners);
        this.session = session;
        this.peer = peer;
        this.settings = settings;
        this.environment = environment;
        this.refusals = refusals;
        this.ticker = environment.ticker();
        this.attempt = random(Handshake.ATTEMPT_BYTES);
        this.openings = new AtomicIntegerArray(places());
    }

    /** A connection whose listener has proved that it knows the secret, and to which the proof of this side is sent. */
    record Proven(Connection connection, int index, int opening, LinkSettings.Windows windows, long roundTripNanos) {}

    int places() {
        return settings.connections() + 1;
    }

    /** Each local address to each address of the listener. */
    int pairs() {
        return Math.max(1, settings.localAddresses().size()) * listeners.size();
    }

    String peer() {
        return listeners.size() == 1 ? listeners.get(0).toString() : listeners.toString();
    }

    /**
     * Blocks until the connection is proven or fails.
     *
     * @param timeout for TCP's opening; for all of it, {@link #abortLate} has to be called now and then
     * @param wanted is asked with the round trip that TCP's own opening took
     * @return null where it was not wanted
     */
    @Nullable
    Proven open(int index, Duration timeout, LongPredicate wanted) throws IOException, SessionRefusedException {
        int opening = openings.incrementAndGet(index);
        Call call = new Call(SocketChannel.open(), ticker.nanos(), timeout);
        calls.add(call);
        try {
            long start = ticker.nanos();
            int pair = index + opening - 1;
            Sockets.connect(
                    call.channel,
                    settings.congestion(),
                    local(pair),
                    listener(pair),
                    Sockets.Deadline.in(timeout, ticker));
            long openedNanos = ticker.nanos() - start;
            if (!wanted.test(openedNanos)) {
                call.channel.close();
                return null;
            }
            if (openedNanos < NEARBY_NANOS) {
                Sockets.tuneNearby(call.channel, settings.congestion());
            }
            Connection connection = environment.protection().connecting(call.channel, peer.hostName());
            return greetOrClose(connection, index, opening);
        } catch (IOException | SessionRefusedException | RuntimeException | Error failed) {
            Sockets.closeQuietly(call.channel);
            if (call.late) {
                throw new SocketTimeoutException("nobody answered within " + timeout.toMillis() + " ms");
            }
            throw failed;
        } finally {
            calls.remove(call);
        }
    }

    /** Makes calls fail that take longer than they may. */
    void abortLate() {
        long now = ticker.nanos();
        for (Call call : calls) {
            if (now - call.startNanos >= call.timeout.toNanos()) {
                call.late = true;
                Sockets.closeQuietly(call.channel);
            }
        }
    }

    /** Makes calls that take longer fail. */
    void abortOlderThan(long nanos) {
        long now = ticker.nanos();
        for (Call call : calls) {
            if (now - call.startNanos >= nanos) {
                Sockets.closeQuietly(call.channel);
            }
        }
    }

    private Proven greetOrClose(Connection connection, int index, int opening)
            throws IOException, SessionRefusedException {
        try {
            return greet(connection, index, opening);
        } catch (UnprovenPeerException unproven) {
            refusals.refused(unproven.refusal(), connection.peer(), Sockets.reasonOf(unproven));
            Sockets.closeQuietly(connection);
            throw unproven;
        } catch (IOException | SessionRefusedException | RuntimeException | Error failed) {
            Sockets.closeQuietly(connection);
            throw failed;
        }
    }

    private Proven greet(Connection connection, int index, int opening) throws IOException, SessionRefusedException {
        byte[] hello = Handshake.encodeHello(new Hello(
                session, index, places(), opening, attempt, random(Handshake.NONCE_BYTES), settings.windows()));
        Sockets.write(connection, hello);
        // From here: what protects the connection may have had a round trip of its own before.
        long start = ticker.nanos();
        byte[] prefix = Sockets.read(connection, Handshake.REPLY_PREFIX_BYTES);
        long roundTripNanos = ticker.nanos() - start;
        int code = Handshake.decodeReplyPrefix(prefix);
        if (code == Refusal.BUSY.code()) {
            throw new IOException(connection.peer() + ": " + Refusal.describe(code));
        }
        if (code != Handshake.CODE_CHALLENGE) {
            throw new SessionRefusedException(refusal(connection, Refusal.describe(code)));
        }
        byte[] body = Sockets.read(connection, Handshake.CHALLENGE_BODY_BYTES);
        Handshake.Verdict verdict = Handshake.verdict(peer.secret(), hello, body);
        if (verdict == null) {
            refusals.refused(RefusalCause.SESSION, connection.peer(), Refusal.UNKNOWN_OR_UNPROVEN.text());
            throw new SessionRefusedException(refusal(connection, Refusal.UNKNOWN_OR_UNPROVEN.text()));
        }
        if (verdict != Handshake.Verdict.WELCOME) {
            throw new SessionRefusedException(refusal(connection, verdict.text()));
        }
        LinkSettings.Windows windows;
        try {
            windows = Handshake.decodeChallengeWindows(body);
        } catch (IllegalArgumentException impossible) {
            throw new IOException(connection.peer() + " announces impossible windows", impossible);
        }
        Sockets.write(connection, Handshake.prove(peer.secret(), hello, concatenate(prefix, body)));
        return new Proven(connection, index, opening, windows, roundTripNanos);
    }

    private String refusal(Connection connection, String reason) {
        return connection.peer() + " refused a connection of session " + session + ": " + reason;
    }

    private @Nullable InetAddress local(int pair) {
        List<InetAddress> locals = settings.localAddresses();
        return locals.isEmpty() ? null : locals.get(pair % locals.size());
    }

    /** The other coordinate of the pair: as many steps as there are pairs meet each of them once. */
    private InetSocketAddress listener(int pair) {
        int locals = Math.max(1, settings.localAddresses().size());
        return listeners.get((pair % locals + pair / locals) % listeners.size());
    }

    private Hello.Key random(int count) {
        byte[] bytes = new byte[count];
        environment.random().nextBytes(bytes);
        return Hello.Key.of(bytes);
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** One attempt that is under way. By identity. */
    private static final class Call {
        private final SocketChannel channel;
        private final long startNanos;
        private final Duration timeout;
        private volatile boolean late;

        Call(SocketChannel channel, long startNanos, Duration timeout) {
            this.channel = channel;
            this.startNanos = startNanos;
            this.timeout = timeout;
        }
    }
}
