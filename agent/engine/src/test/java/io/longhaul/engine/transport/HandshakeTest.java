package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeTest {
    private static final LinkSettings SETTINGS = LinkPair.settings();
    private static final byte[] WRONG = "some other secret of a stranger".getBytes(StandardCharsets.UTF_8);
    private static final PeerProof STRANGER = new PeerProof(WRONG, "stranger");

    @Test
    void refusesAWrongSecret() throws LinkException, InterruptedException {
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            CompletableFuture<Link> taken = new CompletableFuture<>();
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, taken::complete);
            assertThatThrownBy(
                            () -> pair.connector.connect(pair.listener.address(), LinkPair.SESSION, STRANGER, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("secrets differ");
            assertThat(taken).isNotDone();
            pair.awaitRefused(RefusalCause.LOST);
            pair.source(
                    pair.connector.connect(pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS));
            assertThat(LinkPair.await(taken))
                    .as("the session is still expected")
                    .isNotNull();
            LinkPair.await(taken).close();
        }
    }

    @Test
    void refusesAnUnknownSessionAsItRefusesAWrongSecret() throws LinkException {
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            assertThatThrownBy(() -> pair.connector.connect(
                            pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("not expected there, or the secrets differ");
        }
    }

    @Test
    void refusesAnotherEpochAndACancelledSession() throws LinkException {
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, link -> {});
            SessionId older = new SessionId(LinkPair.SESSION.migrationId(), LinkPair.SESSION.epoch() - 1);
            assertThatThrownBy(() ->
                            pair.connector.connect(pair.listener.address(), older, LinkPair.DESTINATION, SETTINGS))
                    .hasMessageContaining("another epoch");
            pair.listener.cancel(LinkPair.SESSION.migrationId());
            assertThatThrownBy(() -> pair.connector.connect(
                            pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS))
                    .hasMessageContaining("not expected");
        }
    }

    @Test
    void servesManySessionsOnOnePort() throws LinkException, InterruptedException {
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            SessionId other = new SessionId("another", 1);
            CompletableFuture<Link> first = new CompletableFuture<>();
            CompletableFuture<Link> second = new CompletableFuture<>();
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, first::complete);
            pair.listener.expect(other, STRANGER, second::complete);
            try (Link two = pair.connector.connect(pair.listener.address(), other, STRANGER, SETTINGS);
                    Link one = pair.connector.connect(
                            pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS)) {
                CompletableFuture<Frame> received = new CompletableFuture<>();
                LinkPair.await(second)
                        .receive(Link.StreamId.CONTROL, (number, frame, consumed) -> received.complete(frame));
                two.sender(Link.StreamId.CONTROL).send(Frame.withoutPayload(3, 4, 5));
                assertThat(LinkPair.await(received)).isEqualTo(Frame.withoutPayload(3, 4, 5));
                assertThat(one.statistics()).isNotNull();
            }
            LinkPair.await(first).close();
            LinkPair.await(second).close();
        }
    }

    @Tag("fault")
    @Test
    void refusesAReplayedHandshake() throws LinkException, InterruptedException, IOException, SessionRefusedException {
        try (LinkPair pair = new LinkPair(SETTINGS);
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), SETTINGS);
            byte[] recorded = proxy.handshakes().get(0);
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, link -> {});
            try (Socket replayer = connectTo(pair.listener.address())) {
                replayer.getOutputStream().write(recorded);
                byte[] challenge = replayer.getInputStream()
                        .readNBytes(Handshake.REPLY_PREFIX_BYTES + Handshake.CHALLENGE_BODY_BYTES);
                assertThat(Handshake.decodeReplyPrefix(challenge)).isEqualTo(Handshake.CODE_CHALLENGE);
                assertThat(lastWords(replayer)).isEqualTo(Refusal.UNKNOWN_OR_UNPROVEN.text());
            }
            assertThat(pair.listener.counters().refusedHandshakes()).isEqualTo(1);
        }
    }

    @Test
    void refusesAListenerThatDoesNotKnowTheSecret() throws LinkException, IOException {
        LinkSettings one = SETTINGS.withConnections(1);
        try (LinkPair pair = new LinkPair(one);
                ServerSocket impostor = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread impersonating = new Thread(() -> impersonate(impostor));
            impersonating.start();
            InetSocketAddress address = new InetSocketAddress(impostor.getInetAddress(), impostor.getLocalPort());
            assertThatThrownBy(() -> pair.connector.connect(address, LinkPair.SESSION, LinkPair.DESTINATION, one))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("secrets differ");
        }
    }

    @Test
    void refusesAnotherVersionAndGarbage() throws LinkException, IOException, SessionRefusedException {
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            byte[] hello = new byte[Handshake.HELLO_PREFIX_BYTES];
            hello[0] = 'L';
            hello[1] = 'H';
            hello[2] = 'L';
            hello[3] = 'K';
            hello[5] = 99;
            assertThat(answerTo(pair, hello)).isEqualTo(Refusal.VERSION.code());
            assertThat(answerTo(pair, "GET / HTTP/1.1".substring(0, 8).getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(Refusal.MALFORMED.code());
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosedAtItsDeadline() throws LinkException, IOException {
        LinkSettings hasty = withHandshakeTimeout(Duration.ofMillis(100));
        try (LinkPair pair = new LinkPair(hasty);
                Socket silent = connectTo(pair.listener.address())) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(pair.listener.counters().refusedHandshakes()).isEqualTo(1);
        }
    }

    @Test
    void givesUpOnAnAgentThatDoesNotAnswer() throws LinkException, IOException {
        LinkSettings hasty = withHandshakeTimeout(Duration.ofMillis(100));
        try (LinkPair pair = new LinkPair(hasty);
                ServerSocket mute = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = new InetSocketAddress(mute.getInetAddress(), mute.getLocalPort());
            assertThatThrownBy(() -> pair.connector.connect(address, LinkPair.SESSION, LinkPair.DESTINATION, hasty))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining(address.toString());
        }
    }

    @Test
    void closingTheListenerLeavesNoThread() throws LinkException, InterruptedException, IOException {
        LinkPair pair = new LinkPair(SETTINGS);
        try (Socket silent = connectTo(pair.listener.address())) {
            silent.getOutputStream().write(new byte[] {'L'});
            pair.close();
            for (Thread thread : pair.threads) {
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
            assertThatThrownBy(() -> connectTo(pair.listener.address()).close()).isInstanceOf(IOException.class);
        }
    }

    private static LinkSettings withHandshakeTimeout(Duration timeout) {
        return SETTINGS.withHandshakeTimeout(timeout).withLinkTimeout(timeout.multipliedBy(3));
    }

    private static int answerTo(LinkPair pair, byte[] bytes) throws IOException, SessionRefusedException {
        try (Socket socket = connectTo(pair.listener.address())) {
            socket.getOutputStream().write(bytes);
            return Handshake.decodeReplyPrefix(socket.getInputStream().readNBytes(Handshake.REPLY_PREFIX_BYTES));
        }
    }

    private static String lastWords(Socket socket) throws IOException {
        ByteBuffer frame = ByteBuffer.wrap(socket.getInputStream().readAllBytes());
        FrameHeader header = new FrameCodec().decodeHeader(frame);
        assertThat(header.type()).isEqualTo(FrameType.END);
        assertThat(header.kind()).isEqualTo(FrameCodec.END_REFUSED);
        return FrameCodec.decodeReason(frame.limit(frame.position() + header.payloadLength()));
    }

    private static Socket connectTo(InetSocketAddress address) throws IOException {
        return new Socket(address.getAddress(), address.getPort());
    }

    /** Greets every connection and proves another secret. */
    private static void impersonate(ServerSocket impostor) {
        try {
            while (!impostor.isClosed()) {
                try (Socket socket = impostor.accept()) {
                    byte[] prefix = socket.getInputStream().readNBytes(Handshake.HELLO_PREFIX_BYTES);
                    socket.getInputStream().readNBytes(prefix[7]);
                    byte[] nonce = new byte[Handshake.NONCE_BYTES];
                    socket.getOutputStream()
                            .write(Handshake.encodeChallenge(
                                    WRONG, Handshake.Verdict.WELCOME, prefix, nonce, SETTINGS.windows()));
                    socket.getInputStream().read();
                }
            }
        } catch (IOException end) {
            return;
        }
    }
}
