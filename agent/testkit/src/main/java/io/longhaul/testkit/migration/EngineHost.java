package io.longhaul.testkit.migration;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.session.EngineSettings;
import io.longhaul.engine.session.GuestWatch;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideStatus;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.session.TransferEngine;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** One host's engine in a test, with what it has told. Thread safe. */
public final class EngineHost implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(10);

    private final TransferEngine engine;
    private final List<SidePhase> phases = new ArrayList<>();
    private volatile Consumer<MigrationSide> reaction = side -> {};

    public EngineHost(Path folder, Hypervisor hypervisor) throws LinkException {
        this(folder, hypervisor, links -> links);
    }

    EngineHost(Path folder, Hypervisor hypervisor, UnaryOperator<Links> network) throws LinkException {
        this(folder, hypervisor, network, EngineSettings.DEFAULT);
    }

    EngineHost(Path folder, Hypervisor hypervisor, UnaryOperator<Links> network, EngineSettings settings)
            throws LinkException {
        LinkEnvironment environment = new LinkEnvironment(Ticker.system(), EngineHost::newThread, new SecureRandom());
        TcpLinks links = TcpLinks.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                LinkSettings.defaults().withPatience(settings.linkPatience()),
                environment);
        engine = new TransferEngine(
                folder,
                hypervisor,
                network.apply(links),
                EngineHost::watch,
                Ticker.system(),
                EngineHost::newThread,
                settings);
        engine.start(this::observe);
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    public TransferEngine engine() {
        return engine;
    }

    /** What is done at each change of a side, on the side's thread. */
    public void react(Consumer<MigrationSide> newReaction) {
        reaction = newReaction;
    }

    private void observe(MigrationSide side) {
        reaction.accept(side);
        synchronized (phases) {
            phases.add(side.status().phase());
            phases.notifyAll();
        }
    }

    /** Waits until the migration's side here is in a phase as the predicate wants it. */
    public MigrationSide await(String migrationId, Predicate<SidePhase> wanted) throws InterruptedException {
        return awaitSide(migrationId, side -> wanted.test(side.status().phase()));
    }

    /** Waits until the migration's side here is as the predicate wants it. */
    MigrationSide awaitSide(String migrationId, Predicate<MigrationSide> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        synchronized (phases) {
            while (true) {
                Optional<MigrationSide> side = engine.find(migrationId);
                if (side.isPresent() && wanted.test(side.get())) {
                    return side.get();
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("still "
                            + side.map(MigrationSide::status)
                                    .map(Object::toString)
                                    .orElse("unknown") + " after " + phases);
                }
                phases.wait(left);
            }
        }
    }

    /** Waits for what no event tells of: looks at the migration's side here again and again. */
    void awaitProgress(String migrationId, Predicate<SideStatus> wanted) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(LOOK)
                .until(
                        () -> engine.find(migrationId).map(MigrationSide::status),
                        status -> status.filter(wanted).isPresent());
    }

    /** A restart of the agent, as far as the engine sees it, needs a new host on the same folder. */
    @Override
    public void close() {
        engine.close();
    }

    private static GuestWatch watch(GuestDefinition guest) {
        return new GuestWatch() {
            @Override
            public void watchTicks() {}

            @Override
            public Optional<Ticks> ticks() {
                return Optional.empty();
            }

            @Override
            public Optional<Boolean> awaitCheck(Duration deadline) {
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
    }
}
