package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.tls.TestAuthority;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An outage that falls into the making of a link delays it, and nothing more. */
@Tag("fault")
@Timeout(60)
class LinkMakingTest {
    private static final LinkSettings SETTINGS =
            LinkPair.settings().withHandshakeTimeout(Duration.ofMillis(300)).withLinkTimeout(Duration.ofHours(1));
    private static final TestAuthority AUTHORITY = new TestAuthority("one");
    private static final int PLACES = SETTINGS.connections() + 1;

    @Test
    void connectionsThatAreCutInTheMakingAreTriedAgain() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = protectedPair();
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            proxy.cutAll();
            makeAfter(3 * PLACES, pair, proxy);
        }
    }

    /** With those that passed, the listener waits longer than for a handshake: it must not give them up meanwhile. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void connectionsThatFallSilentInTheMakingAreTriedAgain(int passing)
            throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = protectedPair();
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            proxy.swallowNewAfter(passing);
            makeAfter(3 * PLACES, pair, proxy);
        }
    }

    @Test
    void endsWhereItIsNotWantedAnyMore() throws LinkException, IOException {
        try (LinkPair pair = protectedPair();
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            proxy.swallowNewAfter(0);
            assertThatThrownBy(() -> pair.connector.connect(
                            List.of(proxy.address()),
                            LinkPair.SESSION,
                            LinkPair.DESTINATION,
                            SETTINGS,
                            () -> proxy.accepted() < PLACES))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("not wanted");
        }
    }

    @Test
    void whereNobodyListensItEndsWithoutWaiting() throws LinkException, IOException {
        InetSocketAddress nobody = whereNobodyListens();
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            assertThatThrownBy(() -> pair.connector.connect(nobody, LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining(nobody.toString())
                    .hasMessageContaining("refused");
        }
    }

    /** As in an agent; a handshake that breaks is told apart from one that is refused. */
    private static LinkPair protectedPair() throws LinkException {
        return new LinkPair(SETTINGS, tls("source"), tls("destination"));
    }

    private static Protection tls(String host) {
        TlsContexts contexts = new TlsContexts();
        try {
            contexts.replace(AUTHORITY.agent(host));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
        return new TlsProtection(contexts, SETTINGS.handshakeTimeout(), Ticker.system());
    }

    private static InetSocketAddress whereNobodyListens() throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(closed.getInetAddress(), closed.getLocalPort());
        }
    }

    private static void makeAfter(int connections, LinkPair pair, FaultyProxy proxy)
            throws LinkException, InterruptedException {
        CompletableFuture<Void> restored = CompletableFuture.runAsync(() -> {
            long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LinkPair.PATIENCE_SECONDS);
            while (proxy.accepted() < connections) {
                assertThat(System.nanoTime())
                        .as("%d connections", proxy.accepted())
                        .isLessThan(giveUpNanos);
                Thread.onSpinWait();
            }
            proxy.restore();
        });
        pair.connectThrough(proxy.address(), SETTINGS);
        LinkPair.await(restored);
        pair.destination().receive(Link.StreamId.CONTROL, (number, frame, consumed) -> consumed.run());
        StreamSender sender = pair.source().sender(Link.StreamId.CONTROL);
        sender.send(Frame.withoutPayload(1, 0, 0));
        sender.awaitAcknowledged();
    }
}
