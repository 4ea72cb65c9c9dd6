package io.longhaul.engine.rehearsal;

import io.longhaul.engine.memory.ContentIndex;
import io.longhaul.engine.memory.MemoryPorts;
import io.longhaul.engine.memory.MemoryReceiver;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.memory.MemorySenderSettings;
import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.SessionToken;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.tls.TestAuthority;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Prints how long the first transfers of a process take, 100 MiB of disk and 100 MiB of memory over a link as migrations
 * have it, with or without a rehearsal before. To be run by hand, alone on its machine, with "rehearse" or without.
 */
final class RehearsalEffect {
    private static final long DISK_BYTES = 100L << 20;
    private static final int PAGES = (100 << 20) / SampleMemory.PAGE_BYTES;

    private RehearsalEffect() {}

    public static void main(String[] arguments)
            throws GeneralSecurityException, RehearsalException, IOException, LinkException, StorageException,
                    InterruptedException {
        TlsContexts contexts = new TlsContexts();
        contexts.replace(new TestAuthority("effect").agent("host-a"));
        LinkEnvironment environment = new LinkEnvironment(
                        Ticker.system(), RehearsalEffect::newThread, new SecureRandom())
                .withProtection(new TlsProtection(contexts, Duration.ofSeconds(10), Ticker.system()));
        if (arguments.length > 0) {
            System.out.println(new Rehearsal(RehearsalSettings.DEFAULT, environment, "host-a").run());
            say("rehearsal");
        }
        for (int round = 1; round <= 4; round++) {
            long start = System.nanoTime();
            transfer(environment);
            say(String.format("transfer %d: %.2f s", round, (System.nanoTime() - start) / 1e9));
        }
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private static void say(String what) {
        System.out.printf(
                "%s; compilers so far %.1f s, process %.1f s%n",
                what,
                ManagementFactory.getCompilationMXBean().getTotalCompilationTime() / 1e3,
                ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toMillis()
                        / 1e3);
    }

    private static void transfer(LinkEnvironment environment)
            throws IOException, LinkException, StorageException, InterruptedException {
        ExpectedPeer itself =
                new ExpectedPeer("host-a", new SessionToken(Base64.getEncoder().encodeToString(new byte[32])));
        LinkSettings settings = LinkSettings.defaults();
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        CompletableFuture<Link> taken = new CompletableFuture<>();
        try (TcpLinks links = TcpLinks.open(anyPort, settings, environment)) {
            links.expect("effect", 1, itself, taken::complete);
            try (Link source = links.connect(links.address(), "effect", 1, itself, () -> true);
                    Link destination = taken.join()) {
                move(environment, source, destination);
            }
        }
    }

    private static void move(LinkEnvironment environment, Link source, Link destination)
            throws IOException, StorageException, InterruptedException {
        PartRunner runner = new PartRunner(environment.threads());
        SampleContent content = new SampleContent();
        ContentIndex known = new ContentIndex();
        DiskPart disk = new DiskPart(
                runner,
                content,
                DISK_BYTES,
                0,
                environment.ticker(),
                source,
                destination,
                LinkSettings.Windows.defaults().diskBytes(),
                known);
        disk.play();
        MemorySender sender = new MemorySender(
                source.sender(StreamId.MEMORY),
                MemorySenderSettings.withBuffer(Long.MAX_VALUE),
                MemoryPorts.plain(environment.ticker()).withKnownContent(known));
        MemoryReceiver receiver = new MemoryReceiver(
                (index, offset, into) -> {
                    if (!disk.readBack(offset, into)) {
                        throw new IOException("not settled");
                    }
                },
                environment.threads(),
                environment.ticker());
        source.receive(StreamId.MEMORY_RETURN, sender);
        receiver.answerOn(destination.sender(StreamId.MEMORY_RETURN));
        destination.receive(StreamId.MEMORY, receiver);
        SampleMemory written = new SampleMemory(content, PAGES);
        written.pause();
        CheckedMemory read = new CheckedMemory(content, PAGES);
        CompletableFuture<@Nullable Void> received = runner.start(() -> receiver.pump(read));
        CompletableFuture<@Nullable Void> sent = runner.start(() -> sender.pump(written));
        runner.awaitEndOf(sent);
        runner.awaitEndOf(received);
        Exception failure = runner.failure();
        if (failure != null) {
            throw new IOException(failure);
        }
        read.requireWhole();
        disk.stop();
        receiver.stop();
    }
}
