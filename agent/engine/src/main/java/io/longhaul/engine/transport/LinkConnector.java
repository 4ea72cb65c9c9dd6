package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes links to listeners of other agents. Thread safe. */
public final class LinkConnector {
    private final LinkEnvironment environment;
    private final TransportCounters counters = new TransportCounters();

    public LinkConnector(LinkEnvironment environment) {
        this.environment = environment;
    }

    public TransportCounters counters() {
        return counters;
    }

    /**
     * Opens all connections of a link at the same time, each with its proof. Blocks until the link is whole, at most for
     * the handshake's timeout; where one connection fails, none is left.
     *
     * @param secret at least 16 bytes, known to both agents only
     */
    public Link connect(InetSocketAddress listener, SessionId session, byte[] secret, LinkSettings settings)
            throws LinkException, InterruptedException {
        Handshake.checkSecret(secret);
        Attempt attempt = new Attempt(listener, session, secret.clone(), settings);
        try {
            return attempt.run();
        } catch (IOException broken) {
            attempt.closeAll();
            throw new LinkException("no link to " + listener + ": " + broken.getMessage(), broken);
        } catch (LinkException | InterruptedException | RuntimeException failed) {
            attempt.closeAll();
            throw failed;
        }
    }

    /** One link in the making. */
    private final class Attempt {
        private final InetSocketAddress listener;
        private final SessionId session;
        private final byte[] secret;
        private final LinkSettings settings;
        private final Sockets.Deadline deadline;
        private final Hello.Key attemptKey = random(Handshake.ATTEMPT_BYTES);
        private final List<SocketChannel> channels = new ArrayList<>();
        private final AtomicReference<LinkSettings.@Nullable Windows> peerWindows = new AtomicReference<>();
        private final AtomicReference<@Nullable LinkException> failure = new AtomicReference<>();
        private final CountDownLatch open;

        Attempt(InetSocketAddress listener, SessionId session, byte[] secret, LinkSettings settings) {
            this.listener = listener;
            this.session = session;
            this.secret = secret;
            this.settings = settings;
            this.deadline = Sockets.Deadline.in(settings.handshakeTimeout(), environment.ticker());
            this.open = new CountDownLatch(settings.connections() + 1);
        }

        Link run() throws IOException, LinkException, InterruptedException {
            int count = settings.connections() + 1;
            for (int index = 0; index < count; index++) {
                channels.add(SocketChannel.open());
            }
            for (int index = 0; index < count; index++) {
                int own = index;
                environment
                        .newThread("link-" + session.migrationId() + "-connect-" + own, () -> greet(own))
                        .start();
            }
            boolean inTime = open.await(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
            LinkException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            LinkSettings.Windows windows = peerWindows.get();
            if (!inTime || windows == null) {
                throw new LinkException("no link to " + listener + " within " + settings.handshakeTimeout());
            }
            TcpLink link = new TcpLink(
                    "link-" + session.migrationId() + "-out", channels, windows, settings, environment, counters);
            link.start();
            return link;
        }

        void closeAll() {
            channels.forEach(Sockets::closeQuietly);
        }

        private void greet(int index) {
            try {
                peerWindows.set(prove(index));
                open.countDown();
            } catch (LinkException refused) {
                fail(refused);
            } catch (IOException broken) {
                fail(new LinkException("no link to " + listener + ": " + broken.getMessage(), broken));
            }
        }

        /** The first failure is the reason; those that follow from closing the others are not. */
        private void fail(LinkException reason) {
            boolean unused = failure.compareAndSet(null, reason);
            while (open.getCount() > 0) {
                open.countDown();
            }
        }

        private LinkSettings.Windows prove(int index) throws IOException, LinkException {
            SocketChannel channel = channels.get(index);
            Sockets.connect(channel, listener, deadline);
            byte[] hello = Handshake.encodeHello(new Hello(
                    session,
                    index,
                    settings.connections() + 1,
                    attemptKey,
                    random(Handshake.NONCE_BYTES),
                    settings.windows()));
            Sockets.write(channel, hello);
            byte[] challengePrefix = readReply(channel, Handshake.CODE_CHALLENGE);
            byte[] challengeBody = Sockets.read(channel, Handshake.CHALLENGE_BODY_BYTES, deadline);
            byte[] challenge = concatenate(challengePrefix, challengeBody);
            Sockets.write(channel, Handshake.prove(secret, Handshake.Role.CONNECTOR, hello, challenge));
            readReply(channel, Handshake.CODE_ACCEPTED);
            byte[] proof = Sockets.read(channel, Handshake.PROOF_BYTES, deadline);
            byte[] expected = Handshake.prove(secret, Handshake.Role.LISTENER, hello, challenge);
            if (!Handshake.isProven(expected, proof)) {
                counters.onRefusedHandshake();
                throw new LinkException(listener + " accepts session " + session + " but does not know its secret");
            }
            channel.socket().setSoTimeout(0);
            try {
                return Handshake.decodeChallengeWindows(challengeBody);
            } catch (IllegalArgumentException impossible) {
                throw new LinkException(listener + " announces impossible windows", impossible);
            }
        }

        private byte[] readReply(SocketChannel channel, int expectedCode) throws IOException, LinkException {
            byte[] prefix = Sockets.read(channel, Handshake.REPLY_PREFIX_BYTES, deadline);
            int code = Handshake.decodeReplyPrefix(prefix);
            if (code != expectedCode) {
                throw new LinkException(
                        listener + " refused a connection of session " + session + ": " + Refusal.describe(code));
            }
            return prefix;
        }

        private Hello.Key random(int count) {
            byte[] bytes = new byte[count];
            environment.random().nextBytes(bytes);
            return Hello.Key.of(bytes);
        }
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
