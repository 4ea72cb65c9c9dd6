package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Two ends of a link over loopback, and every thread that was made for them. */
final class LinkPair implements AutoCloseable {
    static final SessionId SESSION = new SessionId("8a1f2c34-migration", 7);
    static final byte[] SECRET = "sixteen bytes or more".getBytes(StandardCharsets.UTF_8);
    /** What each end wants of the other. */
    static final PeerProof SOURCE = new PeerProof(SECRET, "source");

    static final PeerProof DESTINATION = new PeerProof(SECRET, "destination");
    static final long PATIENCE_SECONDS = 20;

    final List<Thread> threads = new CopyOnWriteArrayList<>();
    final LinkEnvironment environment = new LinkEnvironment(
            Ticker.system(),
            work -> {
                Thread thread = new Thread(work);
                thread.setDaemon(true);
                threads.add(thread);
                return thread;
            },
            new SecureRandom());
    final LinkConnector connector;
    final LinkListener listener;
    private @Nullable Link source;
    private @Nullable Link destination;

    LinkPair(LinkSettings settings) throws LinkException {
        this(settings, Protection.none(), Protection.none());
    }

    LinkPair(LinkSettings settings, Protection ofSource, Protection ofDestination) throws LinkException {
        this.connector = new LinkConnector(environment.withProtection(ofSource));
        this.listener = LinkListener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                settings,
                environment.withProtection(ofDestination));
    }

    static LinkPair open(LinkSettings settings) throws LinkException, InterruptedException {
        LinkPair pair = new LinkPair(settings);
        pair.connectThrough(pair.listener.address(), settings);
        return pair;
    }

    /** Quick enough that a test of silence takes a fraction of a second. */
    static LinkSettings settings() {
        return LinkSettings.defaults()
                .withConnections(4)
                .withHeartbeat(Duration.ofMillis(50), Duration.ofSeconds(10))
                .withPatience(Duration.ofSeconds(PATIENCE_SECONDS));
    }

    void connectThrough(InetSocketAddress address, LinkSettings settings) throws LinkException, InterruptedException {
        CompletableFuture<Link> accepted = new CompletableFuture<>();
        listener.expect(SESSION, SOURCE, accepted::complete);
        source = connector.connect(address, SESSION, DESTINATION, settings);
        destination = await(accepted);
    }

    Link source() {
        return Objects.requireNonNull(source, "not connected");
    }

    /** For a test that connects by itself: is closed with the pair. */
    void source(Link connected) {
        source = connected;
    }

    Link destination() {
        return Objects.requireNonNull(destination, "not connected");
    }

    static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new AssertionError(failed);
        }
    }

    /** The listener may notice after the connector has been told. */
    void awaitRefused(RefusalCause cause) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (listener.counters().refusedHandshakes(cause) == 0) {
            if (System.nanoTime() > giveUpNanos) {
                throw new AssertionError("nothing was refused for " + cause);
            }
            Thread.onSpinWait();
        }
    }

    static CompletableFuture<Link.LinkEnd> endOf(Link link) {
        CompletableFuture<Link.LinkEnd> end = new CompletableFuture<>();
        link.onEnd(end::complete);
        return end;
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
        if (destination != null) {
            destination.close();
        }
        listener.close();
    }
}
