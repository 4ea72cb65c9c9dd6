package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.tls.TestAuthority;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsIdentity;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links of which every connection is protected, and everyone who must not get one. */
@Timeout(60)
class TlsLinkTest {
    private static final Link.StreamId DISK = Link.StreamId.disk(0);
    private static final LinkSettings SETTINGS = LinkPair.settings();
    /** For what is tried until the time is over. */
    private static final LinkSettings IMPATIENT =
            SETTINGS.withHandshakeTimeout(Duration.ofSeconds(2)).withLinkTimeout(Duration.ofSeconds(2));

    private static final TestAuthority AUTHORITY = new TestAuthority("one");
    private static final TestAuthority OTHER_AUTHORITY = new TestAuthority("other");
    private static final TlsIdentity SOURCE = AUTHORITY.agent("source");
    private static final TlsIdentity DESTINATION = AUTHORITY.agent("destination");
    private static final int FRAME_BYTES = 100_000;

    private final TlsContexts ofSource = new TlsContexts();
    private final TlsContexts ofDestination = new TlsContexts();
    private LinkPair pair;

    @BeforeEach
    void open() throws LinkException, GeneralSecurityException {
        ofSource.replace(SOURCE);
        ofDestination.replace(DESTINATION);
        pair = new LinkPair(SETTINGS, protection(ofSource), protection(ofDestination));
    }

    @AfterEach
    void leavesNoThread() throws InterruptedException {
        pair.close();
        for (Thread thread : pair.threads) {
            thread.join(TimeUnit.SECONDS.toMillis(LinkPair.PATIENCE_SECONDS));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static Protection protection(TlsContexts contexts) {
        return new TlsProtection(contexts, SETTINGS.handshakeTimeout(), Ticker.system());
    }

    @Test
    void carriesFramesInBothDirections() throws LinkException, InterruptedException {
        pair.connectThrough(pair.listener.address(), SETTINGS);
        CompletableFuture<Void> back = CompletableFuture.runAsync(
                () -> exchange(pair.destination(), pair.source(), Link.StreamId.MEMORY, 200));
        exchange(pair.source(), pair.destination(), DISK, 200);
        LinkPair.await(back);
        assertThat(pair.listener.counters().refusedHandshakes()).isZero();
        assertThat(pair.listener.counters().badFrames()).isZero();
    }

    @Test
    void aConnectionThatIsCutIsOpenedAgain() throws LinkException, InterruptedException, IOException {
        try (FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), SETTINGS);
            exchange(pair.source(), pair.destination(), DISK, 50);
            proxy.cutBusiest();
            exchange(pair.source(), pair.destination(), Link.StreamId.MEMORY, 50);
            exchange(pair.destination(), pair.source(), Link.StreamId.disk(3), 50);
        }
    }

    @Test
    void aWholeLinkThatIsCutComesBackWithTheNewIdentitiesOfBothHosts()
            throws LinkException, InterruptedException, IOException, GeneralSecurityException {
        try (FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), SETTINGS);
            BlockingQueue<Link.LinkOutage> outages = new LinkedBlockingQueue<>();
            pair.source().onOutage(outages::add);
            exchange(pair.source(), pair.destination(), DISK, 50);
            ofSource.replace(AUTHORITY.agent("source"));
            ofDestination.replace(AUTHORITY.agent("destination"));
            exchange(pair.source(), pair.destination(), Link.StreamId.disk(1), 50);
            proxy.cutAll();
            assertThat(next(outages).over()).isFalse();
            proxy.restore();
            assertThat(next(outages).over()).isTrue();
            exchange(pair.source(), pair.destination(), Link.StreamId.MEMORY, 50);
            exchange(pair.destination(), pair.source(), Link.StreamId.disk(2), 50);
        }
    }

    @Test
    void damageOnTheWayCostsAConnectionAndIsSentAgain() throws LinkException, InterruptedException, IOException {
        try (FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), SETTINGS);
            exchange(pair.source(), pair.destination(), DISK, 50);
            proxy.damage(2);
            exchange(pair.source(), pair.destination(), Link.StreamId.MEMORY, 200);
            assertThat(pair.listener.counters().badFrames())
                    .as("found below the frames")
                    .isZero();
        }
    }

    @Test
    void refusesASourceOfAnotherAuthority() throws GeneralSecurityException, LinkException, InterruptedException {
        TlsIdentity foreign = OTHER_AUTHORITY.agent("source");
        ofSource.replace(new TlsIdentity(foreign.key(), foreign.chain(), SOURCE.authorities()));
        expectRefused(RefusalCause.CERTIFICATE);
    }

    @Test
    void refusesADestinationOfAnotherAuthority() throws GeneralSecurityException, LinkException, InterruptedException {
        TlsIdentity foreign = OTHER_AUTHORITY.agent("destination");
        ofDestination.replace(new TlsIdentity(foreign.key(), foreign.chain(), DESTINATION.authorities()));
        expectRefused(RefusalCause.OURS);
        assertThat(pair.connector.counters().refusedHandshakes(RefusalCause.CERTIFICATE))
                .isPositive();
    }

    @Test
    void refusesAnotherHostThanTheSource() throws GeneralSecurityException, LinkException, InterruptedException {
        ofSource.replace(AUTHORITY.agent("third"));
        assertThat(expectRefused(RefusalCause.HOST)).hasMessageContaining("another host than the one");
    }

    @Test
    void saysNothingToAnotherHostThanTheDestination()
            throws GeneralSecurityException, LinkException, InterruptedException {
        ofDestination.replace(AUTHORITY.agent("third"));
        assertThat(expectRefused(RefusalCause.LOST))
                .hasMessageContaining("the certificate of the host third")
                .hasMessageContaining("expected that of destination");
        assertThat(pair.connector.counters().refusedHandshakes(RefusalCause.HOST))
                .isPositive();
    }

    @Test
    void anotherHostThatKnowsTheSecretCannotTakeAPlaceInALinkThatIsMade()
            throws GeneralSecurityException, LinkException, InterruptedException {
        pair.connectThrough(pair.listener.address(), SETTINGS);
        ofSource.replace(AUTHORITY.agent("third"));
        assertThatThrownBy(() -> connect()).isInstanceOf(LinkException.class);
        pair.awaitRefused(RefusalCause.HOST);
        exchange(pair.source(), pair.destination(), DISK, 20);
    }

    @Test
    void aHostThatDoesNotKnowTheSecretIsRefusedAlthoughItIsTheRightOne() {
        PeerProof guessing = new PeerProof(
                "a secret of another session".getBytes(StandardCharsets.UTF_8), LinkPair.DESTINATION.hostName());
        pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, Link::close);
        assertThatThrownBy(() -> pair.connector.connect(pair.listener.address(), LinkPair.SESSION, guessing, SETTINGS))
                .isInstanceOf(LinkException.class);
        pair.awaitRefused(RefusalCause.LOST);
    }

    @Test
    void refusesExpiredCertificates() throws GeneralSecurityException, LinkException, InterruptedException {
        ofSource.replace(AUTHORITY.expired("source"));
        expectRefused(RefusalCause.EXPIRED);
        ofSource.replace(SOURCE);
        ofDestination.replace(AUTHORITY.expired("destination"));
        assertThatThrownBy(() -> connect()).isInstanceOf(LinkException.class);
        assertThat(pair.connector.counters().refusedHandshakes(RefusalCause.EXPIRED))
                .isPositive();
    }

    @Test
    void refusesPlainText() throws IOException {
        try (Socket plain = socket()) {
            plain.getOutputStream().write("LHLK and more of a HELLO".getBytes(StandardCharsets.US_ASCII));
            pair.awaitRefused(RefusalCause.PROTOCOL);
            while (plain.getInputStream().read() >= 0) {
                // An alert, and the end.
            }
        }
        LinkConnector unprotected = new LinkConnector(pair.environment);
        pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, Link::close);
        assertThatThrownBy(() ->
                        unprotected.connect(pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, IMPATIENT))
                .isInstanceOf(LinkException.class);
    }

    @Test
    void refusesAnOlderTls() throws IOException, GeneralSecurityException {
        SSLContext context = SOURCE.context();
        try (Socket socket = socket();
                SSLSocket old = (SSLSocket) context.getSocketFactory().createSocket(socket, "destination", 1, true)) {
            old.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(old::startHandshake).isInstanceOf(IOException.class);
            pair.awaitRefused(RefusalCause.PROTOCOL);
        }
    }

    @Test
    void whoHangsUpAtOnceIsNotCounted() throws LinkException, InterruptedException, IOException {
        socket().close();
        pair.connectThrough(pair.listener.address(), SETTINGS);
        exchange(pair.source(), pair.destination(), DISK, 1);
        assertThat(pair.listener.counters().refusedHandshakes()).isZero();
    }

    @Test
    void aSilentPeerIsGivenUpAtTheDeadline() throws LinkException, IOException {
        LinkSettings hasty = SETTINGS.withHandshakeTimeout(Duration.ofMillis(100));
        try (LinkPair quick = new LinkPair(hasty, protection(ofSource), protection(ofDestination));
                Socket silent = new Socket(
                        quick.listener.address().getAddress(),
                        quick.listener.address().getPort())) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            quick.awaitRefused(RefusalCause.LATE);
        }
    }

    @Test
    void aListenerThatGreetsTooManySaysSo() throws LinkException, IOException {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int count = 0; count < Greetings.LIMIT; count++) {
                silent.add(socket());
            }
            assertThatThrownBy(() -> pair.connector.connect(
                            pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, IMPATIENT))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("too many connections are being greeted");
            pair.awaitRefused(RefusalCause.BUSY);
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    @Test
    void aHostWithoutACertificateTakesAndMakesNoLink() throws LinkException {
        TlsContexts none = new TlsContexts();
        try (LinkPair joining = new LinkPair(SETTINGS, protection(none), protection(none))) {
            joining.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, Link::close);
            assertThatThrownBy(() -> joining.connector.connect(
                            joining.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("has no certificate");
            joining.awaitRefused(RefusalCause.NO_IDENTITY);
        }
    }

    /** @return what the source is told */
    private LinkException expectRefused(RefusalCause cause) throws InterruptedException {
        pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, Link::close);
        try {
            connect().close();
        } catch (LinkException refused) {
            pair.awaitRefused(cause);
            return refused;
        }
        throw new AssertionError("a link was made");
    }

    private Link connect() throws LinkException, InterruptedException {
        return pair.connector.connect(pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS);
    }

    private Socket socket() throws IOException {
        InetSocketAddress address = pair.listener.address();
        return new Socket(address.getAddress(), address.getPort());
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(taken).isNotNull();
        return taken;
    }

    private static void exchange(Link from, Link to, Link.StreamId stream, int frames) {
        byte[] content = new byte[FRAME_BYTES];
        new Random(stream.number()).nextBytes(content);
        CountDownLatch arrived = new CountDownLatch(frames);
        to.receive(stream, (number, frame, consumed) -> {
            if (frame.payload().equals(ByteBuffer.wrap(content))) {
                arrived.countDown();
            }
            consumed.run();
        });
        try {
            StreamSender sender = from.sender(stream);
            for (int index = 0; index < frames; index++) {
                sender.send(new Frame(1, index, FRAME_BYTES, ByteBuffer.wrap(content)));
            }
            sender.awaitAcknowledged();
            assertThat(arrived.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        } catch (LinkException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }
}
