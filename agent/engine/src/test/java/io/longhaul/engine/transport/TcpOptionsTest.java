package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TcpOptionsTest {
    private static final int PEER_BUFFER_BYTES = 64 * 1024;
    private static final int WRITE_BYTES = 64 * 1024;

    /** The kernel doubles a receive buffer that it is asked for, for its own records. */
    private static final int MOST_BYTES = 2 * PEER_BUFFER_BYTES + TcpOptions.UNSENT_BYTES + WRITE_BYTES;

    @Test
    void neitherEndTakesMuchMoreThanTheOtherReads() throws IOException {
        try (ServerSocketChannel server = listener();
                SocketChannel caller = SocketChannel.open()) {
            connect(caller, server, CongestionControl.SYSTEM);
            try (SocketChannel called = Sockets.accept(server, CongestionControl.SYSTEM)) {
                caller.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER_BYTES);
                called.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER_BYTES);
                assertThat(takenBy(caller)).isBetween((long) TcpOptions.UNSENT_BYTES, (long) MOST_BYTES);
                assertThat(takenBy(called)).isBetween((long) TcpOptions.UNSENT_BYTES, (long) MOST_BYTES);
            }
        }
    }

    @Test
    void aConnectionOverNoDistanceTakesMoreAndGoesByReno() throws Exception {
        assumeRenoAndBbr();
        try (ServerSocketChannel server = listener();
                SocketChannel caller = SocketChannel.open()) {
            connect(caller, server, CongestionControl.BBR);
            Sockets.tuneNearby(caller, CongestionControl.BBR);
            try (SocketChannel called = Sockets.accept(server, CongestionControl.SYSTEM)) {
                called.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER_BYTES);
                assertThat(letters(option("getIntOption0", caller))).isEqualTo("reno");
                assertThat(takenBy(caller)).isGreaterThanOrEqualTo(TcpOptions.UNSENT_NEARBY_BYTES);
            }
        }
    }

    @Test
    void aConnectionOverNoDistanceKeepsTheSystemsOwnWhereThatIsAskedFor() throws Exception {
        assumeRenoAndBbr();
        try (ServerSocketChannel server = listener();
                SocketChannel caller = SocketChannel.open()) {
            String unused = option("setIntOption0", caller, TcpOptions.asInt("bbr\0"), false);
            connect(caller, server, CongestionControl.SYSTEM);
            Sockets.tuneNearby(caller, CongestionControl.SYSTEM);
            assertThat(letters(option("getIntOption0", caller))).isEqualTo("bbr\0");
        }
    }

    @Test
    void onlyAConnectionThatOpensWithinAMillisecondGoesByReno() throws Exception {
        assumeRenoAndBbr();
        assertThat(afterDialling(0)).isEqualTo("reno");
        assertThat(afterDialling(1)).isEqualTo("bbr\0");
    }

    /** What a connection goes by when what protects it begins; by its dialer's clock each look takes this long. */
    private static String afterDialling(long millisPerLook) throws IOException, SessionRefusedException {
        AtomicReference<String> seen = new AtomicReference<>("not dialled");
        Protection watching = new Protection() {
            @Override
            public Connection connecting(SocketChannel connected, String hostName) {
                try {
                    seen.set(letters(option("getIntOption0", connected)));
                } catch (ReflectiveOperationException changed) {
                    throw new IllegalStateException("this JDK has it elsewhere", changed);
                }
                return new PlainConnection(connected);
            }

            @Override
            public Connection accepting(SocketChannel accepted) {
                return new PlainConnection(accepted);
            }
        };
        FakeTicker clock = new FakeTicker() {
            @Override
            public long nanos() {
                advanceMillis(millisPerLook);
                return super.nanos();
            }
        };
        LinkEnvironment environment =
                new LinkEnvironment(clock, Thread::new, new SecureRandom()).withProtection(watching);
        PeerProof peer = new PeerProof(new byte[Handshake.SECRET_LEAST_BYTES], "destination");
        try (ServerSocketChannel server = listener()) {
            Dialer dialer = new Dialer(
                    List.of((InetSocketAddress) server.getLocalAddress()),
                    new SessionId("m", 1),
                    peer,
                    LinkSettings.defaults(),
                    environment,
                    new RefusalLog(LoggerFactory.getLogger(TcpOptionsTest.class), new TransportCounters(), clock));
            Thread hangingUp = new Thread(() -> hangUpOnTheFirst(server));
            hangingUp.start();
            assertThatIOException().isThrownBy(() -> dialer.open(Lane.URGENT, Duration.ofHours(1), opened -> true));
        }
        return Objects.requireNonNull(seen.get());
    }

    private static void hangUpOnTheFirst(ServerSocketChannel server) {
        try {
            server.accept().close();
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    private static void assumeRenoAndBbr() throws IOException {
        Path allowed = Path.of("/proc/sys/net/ipv4/tcp_allowed_congestion_control");
        assumeTrue(Files.exists(allowed));
        List<String> names = List.of(Files.readString(allowed).strip().split(" "));
        assumeTrue(names.contains("reno") && names.contains("bbr"), "allowed are " + names);
    }

    @Test
    void congestionControlIsBbrOrWhatItWas() throws Exception {
        assumeRenoAndBbr();
        assertThat(afterConnecting(CongestionControl.SYSTEM)).startsWith("reno ");
        assertThat(afterConnecting(CongestionControl.BBR)).isEqualTo("bbr\0 bbr\0");
    }

    /** The four first letters of what a caller has that had reno before, and of what the called one has. */
    private static String afterConnecting(CongestionControl congestion)
            throws IOException, ReflectiveOperationException {
        try (ServerSocketChannel server = listener();
                SocketChannel caller = SocketChannel.open()) {
            String unused = option("setIntOption0", caller, TcpOptions.asInt("reno"), false);
            connect(caller, server, congestion);
            try (SocketChannel called = Sockets.accept(server, congestion)) {
                return letters(option("getIntOption0", caller)) + " " + letters(option("getIntOption0", called));
            }
        }
    }

    private static String letters(String number) {
        byte[] letters = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(Integer.parseInt(number))
                .array();
        return new String(letters, StandardCharsets.US_ASCII);
    }

    /** Calls a method of sun.nio.ch.Net for TCP_CONGESTION. */
    private static String option(String name, SocketChannel channel, Object... last)
            throws ReflectiveOperationException {
        Method descriptor = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFD");
        descriptor.setAccessible(true);
        List<Object> arguments = new ArrayList<>(List.of(descriptor.invoke(channel), false, 6, 13));
        arguments.addAll(List.of(last));
        for (Method method : Class.forName("sun.nio.ch.Net").getDeclaredMethods()) {
            if (method.getName().equals(name)) {
                method.setAccessible(true);
                return String.valueOf(method.invoke(null, arguments.toArray()));
            }
        }
        throw new NoSuchMethodException(name);
    }

    private static ServerSocketChannel listener() throws IOException {
        return Sockets.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static void connect(SocketChannel caller, ServerSocketChannel server, CongestionControl congestion)
            throws IOException {
        InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
        Sockets.connect(
                caller, congestion, null, address, Sockets.Deadline.in(Duration.ofSeconds(10), Ticker.system()));
    }

    /** Nobody reads, so this ends. */
    private static long takenBy(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        long taken = 0;
        int written = channel.write(ByteBuffer.allocate(WRITE_BYTES));
        while (written > 0) {
            taken += written;
            written = channel.write(ByteBuffer.allocate(WRITE_BYTES));
        }
        return taken;
    }
}
