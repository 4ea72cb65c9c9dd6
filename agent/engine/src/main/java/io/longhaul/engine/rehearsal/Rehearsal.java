package io.longhaul.engine.rehearsal;

import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.SessionToken;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.LinkSettings.Windows;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;

/**
 * Holds a rehearsal: a transfer from this process to itself over the loopback device, on a listener of its own. {@link
 * #run} once, on the caller's thread; {@link #stop} on any.
 *
 * <p>One connection and short windows: it is to compile what a migration runs, not to be one. It holds some 24 MiB while
 * it lasts: 2 MiB of content, windows of 3 MiB with what the receivers have of them, two compressors.
 */
public final class Rehearsal {
    private static final String SESSION = "rehearsal";
    private static final int SECRET_BYTES = 32;

    /** Two frames of the largest size, and what is on its way beside them. */
    private static final int WINDOW_BYTES = 3 << 20;

    private static final int WINDOW_FRAMES = 1024;

    private final RehearsalSettings settings;
    private final LinkEnvironment environment;
    private final String hostName;
    private final PartRunner runner;

    /**
     * @param environment with the protection that migrations have, by an identity that proves the host's name to itself
     */
    public Rehearsal(RehearsalSettings settings, LinkEnvironment environment, String hostName) {
        this.settings = settings;
        this.environment = environment;
        this.hostName = hostName;
        this.runner = new PartRunner(environment.threads());
    }

    /** Ends it at once, and before its beginning where it has not begun; does not wait for it. Idempotent. */
    public void stop() {
        runner.stop();
    }

    /**
     * Returns when it gets no faster, its time is over or it was stopped. All threads and connections of it are gone
     * then, or about to be.
     */
    public Rehearsed run() throws RehearsalException, InterruptedException {
        long startNanos = environment.ticker().nanos();
        Settling settling = new Settling();
        Rehearsed.Ending ending = Rehearsed.Ending.STOPPED;
        long bytes = 0;
        if (!runner.isStopped()) {
            InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (TcpLinks links = TcpLinks.open(anyPort, linkSettings(), environment);
                    Ends ends = new Ends()) {
                if (connect(links, ends)) {
                    Play play =
                            new Play(ends.source().join(), ends.destination().join());
                    try {
                        ending = play.run(settling, startNanos);
                    } finally {
                        play.stop();
                        bytes = play.receivedBytes();
                    }
                }
            } catch (IOException | LinkException e) {
                throw new RehearsalException("the rehearsal failed: " + e.getMessage(), e);
            }
        }
        Duration lasted = Duration.ofNanos(environment.ticker().nanos() - startNanos);
        return new Rehearsed(ending, lasted, bytes, settling.first(), settling.bestOfNewest());
    }

    private static LinkSettings linkSettings() {
        return LinkSettings.defaults()
                .withConnections(1)
                .withWindows(new Windows(WINDOW_BYTES, WINDOW_BYTES, WINDOW_BYTES, WINDOW_FRAMES))
                .withPatience(Duration.ZERO);
    }

    /** Both ends of the link, each as soon as it is there. */
    private record Ends(CompletableFuture<Link> source, CompletableFuture<Link> destination) implements AutoCloseable {
        Ends() {
            this(new CompletableFuture<>(), new CompletableFuture<>());
        }

        boolean areThere() {
            return source.isDone() && destination.isDone();
        }

        /** Also one that comes later. */
        @Override
        public void close() {
            var unusedSource = source.thenAccept(Link::close);
            var unusedDestination = destination.thenAccept(Link::close);
        }
    }

    /** @return false where it was stopped before the link was there */
    private boolean connect(TcpLinks links, Ends ends) throws IOException, InterruptedException {
        byte[] secret = new byte[SECRET_BYTES];
        environment.random().nextBytes(secret);
        ExpectedPeer itself =
                new ExpectedPeer(hostName, new SessionToken(Base64.getEncoder().encodeToString(secret)));
        links.expect(SESSION, 1, itself, ends.destination()::complete);
        // Not on this thread, which is to see a stop.
        var unused = runner.start(() ->
                ends.source().complete(links.connect(links.address(), SESSION, 1, itself, () -> !runner.isStopped())));
        runner.awaitEndOf(CompletableFuture.allOf(ends.source(), ends.destination()));
        requireSound();
        return ends.areThere() && !runner.isStopped();
    }

    private void requireSound() throws IOException {
        Exception failure = runner.failure();
        if (failure != null) {
            throw new IOException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /** What goes over the link. Owned by the rehearsal's thread. */
    private final class Play {
        private final DisksPart disks;
        private final MemoryPart memory;

        Play(Link source, Link destination) {
            Ticker ticker = environment.ticker();
            SampleContent content = new SampleContent();
            disks = new DisksPart(runner, content, settings, ticker, source, destination, WINDOW_BYTES);
            memory = new MemoryPart(
                    runner, content, settings.memoryPages(), ticker, source, destination, disks.known(), disks::read);
        }

        Rehearsed.Ending run(Settling settling, long startNanos) throws IOException, InterruptedException {
            disks.start();
            memory.start();
            Ticker ticker = environment.ticker();
            long lastNanos = ticker.nanos();
            long lastBytes = 0;
            while (!isDone(settling, lastBytes)
                    && lastNanos - startNanos < settings.longest().toNanos()) {
                if (runner.isOverWithin(settings.slice())) {
                    return ended();
                }
                long now = ticker.nanos();
                long bytes = receivedBytes();
                settling.slice((bytes - lastBytes) * 1e9 / (now - lastNanos));
                lastNanos = now;
                lastBytes = bytes;
            }
            disks.finish();
            memory.finish();
            ended();
            return isDone(settling, lastBytes) ? Rehearsed.Ending.SETTLED : Rehearsed.Ending.OUT_OF_TIME;
        }

        private boolean isDone(Settling settling, long bytes) {
            return bytes >= settings.leastBytes() && settling.isSettled();
        }

        private Rehearsed.Ending ended() throws IOException {
            requireSound();
            return Rehearsed.Ending.STOPPED;
        }

        long receivedBytes() {
            return disks.receivedBytes() + memory.receivedBytes();
        }

        void stop() {
            disks.stop();
            memory.stop();
        }
    }
}
