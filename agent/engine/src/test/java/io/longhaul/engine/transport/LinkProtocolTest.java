package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a link does about a peer that knows the secret and still does not keep to the protocol. */
@Timeout(60)
class LinkProtocolTest {
    private static final int URGENT = 0;
    private static final int BULK = 1;
    private static final LinkSettings SETTINGS = LinkPair.settings()
            .withConnections(1)
            .withPatience(Duration.ZERO)
            .withWindows(new LinkSettings.Windows(2 << 20, 2 << 20, 2 << 20, 16));

    private final List<SocketChannel> peer = new ArrayList<>();
    private final TransportCounters counters = new TransportCounters();
    private final TcpLink link;

    LinkProtocolTest() throws IOException {
        List<SocketChannel> own = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            for (int index = 0; index < 2; index++) {
                peer.add(SocketChannel.open(server.getLocalAddress()));
                own.add(server.accept());
            }
        }
        LinkEnvironment environment = new LinkEnvironment(Ticker.system(), Thread::new, new SecureRandom());
        link = new TcpLink("link-protocol", 2, SETTINGS.windows(), SETTINGS, environment, counters);
        for (int index = 0; index < 2; index++) {
            link.join(new PlainConnection(own.get(index)), index, 1, 1_000_000);
        }
    }

    @BeforeEach
    void start() {
        link.start(Redial.NOTHING);
    }

    @AfterEach
    void close() throws IOException {
        for (SocketChannel channel : peer) {
            channel.close();
        }
        link.close();
    }

    @Test
    void aFrameThatComesTwiceIsHandedOverOnce() throws IOException, InterruptedException {
        List<Long> numbers = new CopyOnWriteArrayList<>();
        CountDownLatch last = new CountDownLatch(1);
        link.receive(Link.StreamId.disk(0), (number, frame, consumed) -> {
            numbers.add(number);
            if (number == 1) {
                last.countDown();
            }
        });
        write(BULK, data(16, 0, 10));
        write(BULK, data(16, 0, 10));
        write(BULK, data(16, 1, 10));
        assertThat(last.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(numbers).containsExactly(0L, 1L);
        assertThat(counters.repeatedFrames()).isEqualTo(1);
    }

    @Test
    void framesBeyondTheWindowEndTheLinkBeforeAnyoneReceives() throws IOException, InterruptedException {
        write(BULK, data(17, 0, 1 << 20));
        write(BULK, data(18, 0, 1 << 20));
        endsWith("bytes unacknowledged into a window of " + (2 << 20));
    }

    @Test
    void aNumberBeyondTheWindowEndsTheLink() throws IOException, InterruptedException {
        write(BULK, data(1, 16, 0));
        endsWith("frame 16 is beyond the window of 16 frames from 0");
    }

    @Test
    void acknowledgingWhatWasNotSentEndsTheLink() throws IOException, InterruptedException, LinkException {
        StreamSender sender = link.sender(Link.StreamId.disk(0));
        assertThat(sender.unacknowledgedBytes()).isZero();
        write(URGENT, acknowledgement(new AckRange(16, 0, 1)));
        endsWith("frames 0 to 0 were acknowledged");
    }

    @Test
    void acknowledgingAStreamWithoutASenderEndsTheLink() throws IOException, InterruptedException {
        write(URGENT, acknowledgement(new AckRange(200, 0, 1)));
        endsWith("stream 200 was acknowledged, nothing was sent");
    }

    @Test
    void answeringAPingThatWasNotSentEndsTheLink() throws IOException, InterruptedException {
        write(URGENT, encode(FrameHeader.ofPong(1_000_000, 1, 2), ByteBuffer.allocate(0)));
        endsWith("ping 1000000 was answered");
    }

    @Test
    void bytesThatAreNoFrameEndTheLink() throws IOException, InterruptedException {
        write(BULK, ByteBuffer.wrap("HTTP/1.1 400 Bad Request, and more than a header".getBytes("US-ASCII")));
        endsWith("a frame starts with 4c48");
    }

    @Test
    void aConnectionThatEndsWithinAFrameIsLostAndNoViolation() throws IOException, InterruptedException {
        CompletableFuture<Link.LinkEnd> end = LinkPair.endOf(link);
        ByteBuffer whole = data(16, 0, 100);
        write(BULK, whole.limit(90));
        peer.get(BULK).shutdownOutput();
        assertThat(LinkPair.await(end).reason()).contains("ended within a payload of 100 bytes, after 50");
        assertThat(counters.badFrames()).isZero();
    }

    @Test
    void aCompressedPayloadThatClaimsMoreThanALimitIsRefused() throws IOException, InterruptedException {
        ByteBuffer bomb = ByteBuffer.allocate(100).putInt(0, Integer.MAX_VALUE);
        write(BULK, encode(data(16, 0).compressedTo(100), bomb));
        endsWith("claims 2147483647 bytes");
    }

    @Test
    void aCompressedPayloadThatExpandsToMoreThanItClaimsIsRefused() throws IOException, InterruptedException {
        byte[] packed = Zstd.compress(new byte[Frame.PAYLOAD_LIMIT_BYTES * 4]);
        ByteBuffer bomb = ByteBuffer.allocate(4 + packed.length)
                .putInt(1 << 20)
                .put(packed)
                .flip();
        write(BULK, encode(data(16, 0).compressedTo(bomb.remaining()), bomb));
        endsWith("compressed payload");
    }

    @Test
    void aCompressedPayloadThatIsNoneIsRefused() throws IOException, InterruptedException {
        ByteBuffer nonsense = ByteBuffer.allocate(100).putInt(0, 1000);
        write(BULK, encode(data(16, 0).compressedTo(100), nonsense));
        endsWith("compressed payload");
    }

    @Test
    void answeringAQuestionThatWasNotAskedEndsTheLink() throws IOException, InterruptedException {
        write(URGENT, encode(FrameHeader.ofHeld(7, true, 0), ByteBuffer.allocate(0)));
        endsWith("question 7 was answered, the last one asked is 0");
    }

    @Test
    void sayingThatWhatWasNotSentHasComeEndsTheLink() throws IOException, InterruptedException {
        StreamSender sender = link.sender(Link.StreamId.disk(0));
        assertThat(sender.unacknowledgedBytes()).isZero();
        ByteBuffer held = FrameCodec.encodeHeld(List.of(new HeldRange(16, HeldRange.Standing.RECEIVED, 0, 1)));
        write(URGENT, encode(FrameHeader.ofHeld(0, true, held.remaining()), held));
        endsWith("frames 0 to 0 were acknowledged");
    }

    @Test
    void thePeerIsToldWhy() throws IOException, InterruptedException {
        write(BULK, data(1, 16, 0));
        FrameReader reader =
                new FrameReader(new PlainConnection(peer.get(URGENT)), new PayloadBuffers(1 << 20), count -> {});
        FrameReader.Received received = Objects.requireNonNull(reader.read());
        while (received.header().type() != FrameType.END) {
            received = Objects.requireNonNull(reader.read());
        }
        assertThat(received.header().kind()).isEqualTo(FrameCodec.END_FAILED);
        assertThat(FrameCodec.decodeReason(received.payload())).contains("beyond the window");
    }

    private void endsWith(String reason) throws InterruptedException {
        CompletableFuture<Link.LinkEnd> end = LinkPair.endOf(link);
        assertThat(LinkPair.await(end).reason()).contains(reason);
        assertThat(LinkPair.await(end).closed()).isFalse();
        assertThat(counters.badFrames()).isEqualTo(1);
    }

    private void write(int connection, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            peer.get(connection).write(bytes);
        }
    }

    private static ByteBuffer data(int stream, long number, int length) {
        ByteBuffer payload = ByteBuffer.allocate(length);
        return encode(FrameHeader.ofData(stream, number, new Frame(1, 0, 0, payload)), payload);
    }

    private static FrameHeader data(int stream, long number) {
        return FrameHeader.ofData(stream, number, Frame.withoutPayload(1, 0, 0));
    }

    private static ByteBuffer acknowledgement(AckRange range) {
        ByteBuffer payload = FrameCodec.encodeAcks(List.of(range));
        return encode(FrameHeader.of(FrameType.ACK, 0, payload.remaining()), payload);
    }

    private static ByteBuffer encode(FrameHeader header, ByteBuffer payload) {
        ByteBuffer wire = ByteBuffer.allocate(FrameCodec.HEADER_BYTES + payload.remaining());
        new FrameCodec().encodeHeader(header, payload, wire);
        return wire.put(payload).flip();
    }
}
