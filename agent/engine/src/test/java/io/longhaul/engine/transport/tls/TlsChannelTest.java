package io.longhaul.engine.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Connection;
import io.longhaul.engine.transport.RefusalCause;
import io.longhaul.engine.transport.UnprovenPeerException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ends that prove themselves, and everything that must not get through. */
class TlsChannelTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("one");
    private static final TestAuthority OTHER_AUTHORITY = new TestAuthority("other");
    private static final TlsIdentity ALPHA = AUTHORITY.agent("alpha");
    private static final TlsIdentity BETA = AUTHORITY.agent("beta");
    private static final int SECONDS = 10;

    private TlsPair pair;

    @BeforeEach
    void open() throws IOException {
        pair = new TlsPair();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    private record Ends(Connection left, Connection right) {}

    private Ends connected()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        CompletableFuture<Connection> right = pair.accept(BETA);
        return new Ends(get(pair.connect(ALPHA, "beta")), get(right));
    }

    private static <T> T get(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void eachEndKnowsTheOthersHost()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        Ends ends = connected();
        assertThat(ends.left().peer()).startsWith("127.0.0.1:").endsWith(" (beta, TLSv1.3)");
        assertThat(ends.right().peer()).endsWith(" (alpha, TLSv1.3)");
        assertThat(ends.right().couldBe("alpha")).isTrue();
        assertThat(ends.right().couldBe("beta")).isFalse();
    }

    @Test
    void carriesWhatIsWrittenInBothDirectionsAtOnceInPiecesOfAnySize()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Ends ends = connected();
        byte[] there = bytes(new Random(seed), 3_000_000);
        byte[] back = bytes(new Random(seed + 1), 2_000_000);
        CompletableFuture<Boolean> leftWrites =
                pair.start(() -> writeInPieces(ends.left(), there, new Random(seed + 2)));
        CompletableFuture<Boolean> rightWrites =
                pair.start(() -> writeInPieces(ends.right(), back, new Random(seed + 3)));
        CompletableFuture<byte[]> leftReads = pair.start(() -> readToEnd(ends.left(), new Random(seed + 4)));
        assertThat(readToEnd(ends.right(), new Random(seed + 5))).isEqualTo(there);
        assertThat(get(leftReads)).isEqualTo(back);
        get(leftWrites);
        get(rightWrites);
    }

    private static boolean writeInPieces(Connection channel, byte[] bytes, Random random) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int count = Math.min(bytes.length - at, 1 + random.nextInt(300_000));
            int half = count / 2;
            long written = channel.write(
                    new ByteBuffer[] {ByteBuffer.wrap(bytes, at, half), ByteBuffer.wrap(bytes, at + half, count - half)
                    });
            assertThat(written).isEqualTo(count);
            at += count;
        }
        channel.finishWriting();
        return true;
    }

    private static byte[] readToEnd(Connection channel, Random random) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(4_000_000);
        int count = 0;
        while (count >= 0) {
            all.limit(Math.min(all.capacity(), all.position() + 1 + random.nextInt(100_000)));
            count = channel.read(all);
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    @Test
    void oneDirectionEndsAndTheOtherGoesOn()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        Ends ends = connected();
        ends.left().write(only("question"));
        ends.left().finishWriting();
        assertThat(read(ends.right())).isEqualTo("question");
        assertThat(ends.right().read(ByteBuffer.allocate(10))).isEqualTo(-1);
        ends.right().write(only("answer"));
        ends.right().finishWriting();
        assertThat(read(ends.left())).isEqualTo("answer");
        assertThat(ends.left().read(ByteBuffer.allocate(10))).isEqualTo(-1);
        assertThatThrownBy(() -> ends.left().write(only("more"))).isInstanceOf(IOException.class);
    }

    @Test
    void aCutIsNoEnd()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        Ends ends = connected();
        ends.left().write(only("half a"));
        pair.left.shutdownOutput();
        assertThat(read(ends.right())).isEqualTo("half a");
        assertThatThrownBy(() -> ends.right().read(ByteBuffer.allocate(10)))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("cut");
    }

    @Test
    void aChangedByteEndsTheConnection()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        Ends ends = connected();
        // As somebody on the way could: a record that nobody encrypted with this connection's key.
        ByteBuffer forged = ByteBuffer.allocate(5 + 64).put(new byte[] {23, 3, 3, 0, 64});
        var unused = pair.left.write(forged.rewind());
        assertThatThrownBy(() -> ends.right().read(ByteBuffer.allocate(100))).isInstanceOf(SSLException.class);
    }

    @Test
    void closingFreesWhoeverReads()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        Ends ends = connected();
        CompletableFuture<Integer> reading = pair.start(() -> ends.right().read(ByteBuffer.allocate(10)));
        ends.right().close();
        assertThatThrownBy(() -> get(reading)).hasCauseInstanceOf(IOException.class);
        assertThat(pair.right.isOpen()).isFalse();
    }

    @Test
    void refusesAPeerOfAnotherAuthorityInBothDirections()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        TlsIdentity stranger = OTHER_AUTHORITY.agent("alpha");
        CompletableFuture<Connection> right = pair.accept(BETA);
        assertThatThrownBy(() -> get(pair.connect(stranger, "beta"))).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> get(right)).hasCauseInstanceOf(IOException.class);
    }

    /** The stranger believes us: only what it shows itself is wrong. */
    @Test
    void theAcceptingEndRefusesACertificateOfAnotherAuthority()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        TlsIdentity foreign = OTHER_AUTHORITY.agent("alpha");
        TlsIdentity stranger = new TlsIdentity(
                foreign.key(), foreign.chain(), AUTHORITY.agent("x").authorities());
        expectRefusedByAcceptor(stranger);
    }

    @Test
    void refusesAnExpiredCertificateInBothDirections()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        expectRefusedByAcceptor(AUTHORITY.expired("alpha"));
        reopen();
        CompletableFuture<Connection> right = pair.accept(AUTHORITY.expired("beta"));
        assertThatThrownBy(() -> get(pair.connect(ALPHA, "beta"))).hasCauseInstanceOf(UnprovenPeerException.class);
        assertThatThrownBy(() -> get(right)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void refusesTheRightAuthoritysCertificateOfTheWrongHost() {
        CompletableFuture<Connection> unused = pair.accept(BETA);
        assertThatThrownBy(() -> get(pair.connect(ALPHA, "gamma")))
                .hasCauseInstanceOf(UnprovenPeerException.class)
                .hasMessageContaining("beta")
                .hasMessageContaining("gamma");
        assertThat(pair.left.isOpen()).isFalse();
    }

    @Test
    void refusesWhoIsNoAgent()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        expectRefusedByAcceptor(AUTHORITY.identity("urn:longhaul:control-plane", Duration.ofMinutes(1)));
        reopen();
        expectRefusedByAcceptor(AUTHORITY.identity("", Duration.ofMinutes(1)));
    }

    @Test
    void believesTheOldAndTheNewAuthorityWhileOneIsReplaced()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        TlsIdentity fromOld = AUTHORITY.agent("alpha");
        TlsIdentity fromNew = OTHER_AUTHORITY.agent("beta");
        var both = java.util.List.of(AUTHORITY.certificate(), OTHER_AUTHORITY.certificate());
        CompletableFuture<Connection> right = pair.accept(new TlsIdentity(fromNew.key(), fromNew.chain(), both));
        Connection left = get(pair.connect(new TlsIdentity(fromOld.key(), fromOld.chain(), both), "beta"));
        left.write(only("hello"));
        assertThat(read(get(right))).isEqualTo("hello");
    }

    @Test
    void aNewIdentityCountsFromTheNextConnectionOn()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        TlsContexts contexts = new TlsContexts();
        assertThatThrownBy(contexts::context).isInstanceOf(SSLException.class).hasMessageContaining("no certificate");
        contexts.replace(BETA);
        TlsProtection protection = new TlsProtection(contexts, TlsPair.DEADLINE, Ticker.system());
        CompletableFuture<Connection> right = pair.start(() -> TlsPair.proven(protection.accepting(pair.right)));
        Connection left = get(pair.connect(ALPHA, "beta"));
        Connection accepted = get(right);
        contexts.replace(AUTHORITY.agent("delta"));
        left.write(only("goes on"));
        assertThat(read(accepted)).isEqualTo("goes on");
        try (TlsPair next = new TlsPair()) {
            CompletableFuture<Connection> unused = next.start(() -> TlsPair.proven(protection.accepting(next.right)));
            assertThat(get(next.connect(ALPHA, "delta")).couldBe("delta")).isTrue();
        }
    }

    @Test
    void aConnectionThatIsOpenedAgainResumesAndOneOfANewIdentityProvesAnew()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        TlsContexts ofLeft = new TlsContexts();
        ofLeft.replace(ALPHA);
        TlsProtection left = new TlsProtection(ofLeft, TlsPair.DEADLINE, Ticker.system());
        TlsProtection right = TlsPair.protection(BETA, TlsPair.DEADLINE);
        long first = greet(left, right, ofLeft);
        assertThat(greet(left, right, ofLeft)).as("the session goes on").isEqualTo(first);
        assertThat(greet(left, right, ofLeft)).as("and again").isEqualTo(first);
        ofLeft.replace(AUTHORITY.agent("alpha"));
        assertThat(greet(left, right, ofLeft)).as("another session").isGreaterThan(first);
    }

    /** @return when the session was made that the connecting end could resume next; the JDK keeps that when it resumes */
    private static long greet(TlsProtection left, TlsProtection right, TlsContexts ofLeft)
            throws ExecutionException, IOException, InterruptedException, TimeoutException {
        long before = System.currentTimeMillis();
        while (System.currentTimeMillis() == before) {
            Thread.onSpinWait();
        }
        try (TlsPair next = new TlsPair()) {
            CompletableFuture<Connection> accepted = next.start(() -> TlsPair.proven(right.accepting(next.right)));
            Connection connected = left.connecting(next.left, "beta");
            connected.write(only("question"));
            assertThat(read(get(accepted))).isEqualTo("question");
            get(accepted).write(only("answer"));
            assertThat(read(connected)).isEqualTo("answer");
            connected.close();
        }
        SSLSessionContext sessions = ofLeft.context().getClientSessionContext();
        return Collections.list(sessions.getIds()).stream()
                .mapToLong(id -> sessions.getSession(id).getCreationTime())
                .max()
                .orElseThrow();
    }

    @Test
    void refusesAnOlderTls()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        CompletableFuture<Connection> right = pair.accept(BETA);
        CompletableFuture<Boolean> old = pair.start(() -> {
            SSLSocket socket = (SSLSocket) oldContext()
                    .getSocketFactory()
                    .createSocket(
                            pair.left.socket(),
                            "beta",
                            ((InetSocketAddress) pair.left.getRemoteAddress()).getPort(),
                            true);
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.startHandshake();
            return true;
        });
        assertThatThrownBy(() -> get(right)).hasCauseInstanceOf(UnprovenPeerException.class);
        assertThatThrownBy(() -> get(old)).hasCauseInstanceOf(IOException.class);
    }

    private static javax.net.ssl.SSLContext oldContext() throws GeneralSecurityException, IOException {
        var keys = javax.net.ssl.KeyManagerFactory.getInstance("PKIX");
        keys.init(ALPHA.keyStore(), new char[0]);
        var trust = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
        trust.init(ALPHA.trustStore());
        var context = javax.net.ssl.SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void refusesPlainTextAndGarbage()
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (byte[] sent : new byte[][] {
            "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            "LONGHAUL-HELLO-0123456789".getBytes(StandardCharsets.US_ASCII),
            bytes(random, 64),
            bytes(random, 40_000),
            // A client's hello that announces more than it may.
            {22, 3, 1, (byte) 0xff, (byte) 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9}
        }) {
            reopen();
            CompletableFuture<Boolean> sending = pair.start(() -> {
                send(pair.left, sent);
                return true;
            });
            assertThatThrownBy(() -> pair.acceptNow(BETA, TlsPair.DEADLINE)).isInstanceOf(IOException.class);
            assertThat(pair.right.isOpen()).isFalse();
            var unused = sending.handle((done, failed) -> true).get(SECONDS, TimeUnit.SECONDS);
        }
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            var unused = channel.write(buffer);
        }
        channel.shutdownOutput();
    }

    @Test
    void aSilentPeerIsGivenUpAtTheDeadline() {
        assertThatThrownBy(() -> pair.acceptNow(BETA, Duration.ofMillis(50)))
                .isInstanceOfSatisfying(
                        UnprovenPeerException.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(RefusalCause.LATE));
        assertThat(pair.right.isOpen()).isFalse();
    }

    @Test
    void aPeerThatGoesDuringTheHandshakeIsToldOf() throws IOException {
        send(pair.left, new byte[] {22, 3, 1, 0, 100, 1});
        assertThatThrownBy(() -> pair.acceptNow(BETA, TlsPair.DEADLINE))
                .isInstanceOfSatisfying(
                        UnprovenPeerException.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(RefusalCause.LOST))
                .hasMessageContaining("during the TLS handshake");
    }

    private void reopen() throws IOException {
        pair.close();
        pair = new TlsPair();
    }

    /** In TLS 1.3 the connecting end is done before the other has judged it: it learns of it when it reads. */
    private void expectRefusedByAcceptor(TlsIdentity refused)
            throws ExecutionException, GeneralSecurityException, IOException, InterruptedException, TimeoutException {
        CompletableFuture<Connection> right = pair.accept(BETA);
        Connection left = get(pair.connect(refused, "beta"));
        assertThatThrownBy(() -> get(right)).hasCauseInstanceOf(UnprovenPeerException.class);
        assertThatThrownBy(() -> left.read(ByteBuffer.allocate(10))).isInstanceOf(IOException.class);
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer[] only(String text) {
        return new ByteBuffer[] {ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))};
    }

    private static String read(Connection channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        int count = channel.read(buffer);
        return new String(buffer.array(), 0, count, StandardCharsets.UTF_8);
    }
}
