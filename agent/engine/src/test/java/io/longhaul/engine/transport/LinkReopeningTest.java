package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may come back to a link, and over which ways. */
@Tag("fault")
@Timeout(60)
class LinkReopeningTest {
    private static final LinkSettings SETTINGS = LinkPair.settings();

    @Test
    void anotherAttemptCannotJoinALinkThatIsMade() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(SETTINGS)) {
            assertThatThrownBy(() -> pair.connector.connect(
                            pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("link was made already");
            exchange(pair);
        }
    }

    @Test
    void anOlderEpochCannotJoinALinkThatIsMade() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(SETTINGS)) {
            SessionId older = new SessionId(LinkPair.SESSION.migrationId(), LinkPair.SESSION.epoch() - 1);
            assertThatThrownBy(() ->
                            pair.connector.connect(pair.listener.address(), older, LinkPair.DESTINATION, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("another epoch");
            exchange(pair);
        }
    }

    @Test
    void aConnectionOlderThanTheOneInItsPlaceIsNotTaken() throws IOException {
        Lanes lanes = new Lanes(3);
        try (SocketChannel channel = SocketChannel.open()) {
            Connection connection = new PlainConnection(channel);
            Lane second = new Lane(connection, 1, 2, 10, 3, new FakeTicker());
            assertThat(lanes.put(second).accepted()).isTrue();
            assertThat(lanes.put(new Lane(connection, 1, 1, 11, 3, new FakeTicker()))
                            .accepted())
                    .isFalse();
            assertThat(lanes.put(new Lane(connection, 1, 2, 12, 3, new FakeTicker()))
                            .accepted())
                    .isFalse();
            assertThat(lanes.remove(second)).isTrue();
            assertThat(lanes.put(new Lane(connection, 1, 2, 13, 3, new FakeTicker()))
                            .accepted())
                    .as("nor is it when the place is empty")
                    .isFalse();
            assertThat(lanes.put(new Lane(connection, 1, 3, 14, 3, new FakeTicker())))
                    .isEqualTo(new Lanes.Put(true, null, true));
        }
    }

    @Test
    void aReplayedOpeningOfALiveLinkIsRefused() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(SETTINGS);
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), SETTINGS);
            for (byte[] recorded : proxy.handshakes()) {
                try (Socket replayer = new Socket(
                        pair.listener.address().getAddress(),
                        pair.listener.address().getPort())) {
                    replayer.getOutputStream().write(recorded);
                    byte[] answer = replayer.getInputStream().readAllBytes();
                    ByteBuffer behind = ByteBuffer.wrap(answer)
                            .position(Handshake.REPLY_PREFIX_BYTES + Handshake.CHALLENGE_BODY_BYTES);
                    FrameHeader header = decode(behind);
                    assertThat(header.kind()).isEqualTo(FrameCodec.END_REFUSED);
                }
            }
            assertThat(pair.listener.counters().refusedHandshakes()).isPositive();
            exchange(pair);
        }
    }

    @Test
    void anAttemptThatWasGivenUpCannotComeBack() throws IOException {
        Expectation expectation = new Expectation(LinkPair.SESSION, LinkPair.SOURCE, link -> {});
        Connection anyone = new PlainConnection(SocketChannel.open());
        Hello given = hello((byte) 1);
        assertThat(expectation.verdictOn(given, anyone)).isEqualTo(Handshake.Verdict.WELCOME);
        Assembly unused = expectation.assemblyOf(given);
        Assembly newer = expectation.assemblyOf(hello((byte) 2));
        assertThat(expectation.verdictOn(given, anyone)).isEqualTo(Handshake.Verdict.STALE);
        assertThat(expectation.isAssembling(newer)).isTrue();
        assertThat(unused.present()).isEmpty();
    }

    @Test
    void connectionsAreSpreadOverLocalAddressesAndOneThatIsDeadCostsNothing()
            throws LinkException, InterruptedException, IOException {
        InetAddress first = InetAddress.getByName("127.0.0.2");
        InetAddress second = InetAddress.getByName("127.0.0.3");
        InetAddress dead = InetAddress.getByName("192.0.2.1");
        LinkSettings spread = SETTINGS.withLocalAddresses(List.of(first, dead, second));
        try (LinkPair pair = new LinkPair(spread)) {
            pair.connectThrough(pair.listener.address(), spread);
            exchange(pair);
            assertThat(pair.source().statistics().connectionsOpen()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aShortWayGetsFewConnections() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(SETTINGS.withConnections(8))) {
            exchange(pair);
            assertThat(pair.source().statistics().connectionsOpen()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void allLinksShareOneCap() throws LinkException, InterruptedException {
        try (LinkPair one = LinkPair.open(SETTINGS.withCompression(false))) {
            RateLimiter shared = one.environment.sharedLimiter();
            shared.limit(40_000_000);
            Link.StreamId disk = Link.StreamId.disk(0);
            one.destination().receive(disk, (number, frame, consumed) -> consumed.run());
            one.source().receive(disk, (number, frame, consumed) -> consumed.run());
            long start = System.nanoTime();
            CompletableFuture<Void> there = CompletableFuture.runAsync(() -> send(one.source(), disk, 20 << 20));
            CompletableFuture<Void> back = CompletableFuture.runAsync(() -> send(one.destination(), disk, 20 << 20));
            LinkPair.await(there);
            LinkPair.await(back);
            double seconds = (System.nanoTime() - start) / 1e9;
            double onTheWire = 40L * (1 << 20) * 1500.0 / 1448;
            assertThat(onTheWire / seconds).isBetween(40e6 * 0.8, 40e6 * 1.05);
            shared.limit(0);
            send(one.source(), Link.StreamId.disk(1), 0);
        }
    }

    @Test
    void aListenerThatIsSilentAboutTheProofDoesNotHoldTheConnectorUp() throws LinkException, InterruptedException {
        LinkSettings settings = SETTINGS.withHandshakeTimeout(Duration.ofSeconds(5));
        try (LinkPair pair = new LinkPair(settings)) {
            CountDownLatch taken = new CountDownLatch(1);
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, link -> {
                link.receive(Link.StreamId.CONTROL, (number, frame, consumed) -> taken.countDown());
            });
            Link link =
                    pair.connector.connect(pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, settings);
            pair.source(link);
            link.sender(Link.StreamId.CONTROL).send(Frame.withoutPayload(1, 0, 0));
            assertThat(taken.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void exchange(LinkPair pair) throws LinkException, InterruptedException {
        CountDownLatch arrived = new CountDownLatch(1);
        pair.destination().receive(Link.StreamId.disk(5), (number, frame, consumed) -> {
            consumed.run();
            arrived.countDown();
        });
        StreamSender sender = pair.source().sender(Link.StreamId.disk(5));
        sender.send(new Frame(1, 0, 0, ByteBuffer.allocate(1000)));
        sender.awaitAcknowledged();
        assertThat(arrived.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static void send(Link link, Link.StreamId stream, int bytes) {
        StreamSender sender = link.sender(stream);
        try {
            for (int sent = 0; sent < bytes; sent += 64 << 10) {
                sender.send(new Frame(1, sent, 0, ByteBuffer.allocate(64 << 10)));
            }
            sender.awaitAcknowledged();
        } catch (LinkException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static FrameHeader decode(ByteBuffer frame) {
        try {
            return Objects.requireNonNull(new FrameCodec().decodeHeader(frame));
        } catch (WireViolationException damaged) {
            throw new AssertionError(damaged);
        }
    }

    private static Hello hello(byte attempt) {
        byte[] key = new byte[Handshake.ATTEMPT_BYTES];
        key[0] = attempt;
        return new Hello(
                LinkPair.SESSION,
                0,
                3,
                1,
                Hello.Key.of(key),
                Hello.Key.of(new byte[Handshake.NONCE_BYTES]),
                LinkSettings.Windows.defaults());
    }
}
