package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.session.EngineSettings;
import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import io.longhaul.testkit.hypervisor.FakeStage;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Arrivals that end before the source has come. */
@Timeout(60)
class EarlyEndTest {
    private static final EngineSettings HASTY = new EngineSettings(
            EngineSettings.DEFAULT.switchoverDeadline(),
            EngineSettings.DEFAULT.loadDeadline(),
            Duration.ofMillis(1),
            EngineSettings.DEFAULT.guestCheckDeadline(),
            EngineSettings.DEFAULT.linkPatience(),
            EngineSettings.DEFAULT.pausedPatience(),
            EngineSettings.DEFAULT.verificationDelay());

    @TempDir
    Path folder;

    private final FakeStage stage = new FakeStage();

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void anAbortWhileTheDisksAreMadeIsNoFaultOfTheHypervisor()
            throws LinkException, OrderRefusedException, InterruptedException {
        SlowHypervisor slow = new SlowHypervisor(stage.hypervisor(DESTINATION));
        try (EngineHost destination = new EngineHost(folder, slow)) {
            MigrationSide side =
                    destination.engine().receive(MoveOrders.first(stage).incoming());
            slow.begun.await();
            side.abort();
            destination.await(MIGRATION, SidePhase::terminal);
            assertThat(side.status().phase()).isEqualTo(SidePhase.ABORTED);
            assertThat(side.status().problem()).isEmpty();
        }
    }

    @Test
    void aLinkThatComesAfterTheRefusalIsClosed()
            throws LinkException, OrderRefusedException, InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Consumer<Link>> taker = new CompletableFuture<>();
        try (EngineHost destination =
                new EngineHost(folder, stage.hypervisor(DESTINATION), links -> new HeldLinks(links, taker), HASTY)) {
            MigrationSide side =
                    destination.engine().receive(MoveOrders.first(stage).incoming());
            destination.await(MIGRATION, SidePhase::terminal);
            assertThat(side.status().problem())
                    .get()
                    .extracting(SideProblem::code)
                    .isEqualTo(SideProblem.Code.LINK_LOST);
            SilentLink late = new SilentLink();
            taker.get(10, TimeUnit.SECONDS).accept(late);
            assertThat(late.closed).isTrue();
        }
    }

    @Test
    void anAbortWhileTheLinkIsMadeEndsTheMoveAndTheGuestRunsOn()
            throws LinkException, OrderRefusedException, InterruptedException {
        CountDownLatch connecting = new CountDownLatch(1);
        try (EngineHost destination = new EngineHost(folder.resolve("destination"), stage.hypervisor(DESTINATION));
                EngineHost source = new EngineHost(
                        folder.resolve("source"),
                        stage.hypervisor(SOURCE),
                        links -> new SilentWay(links, connecting))) {
            MigrationSide side = source.engine().send(MoveOrders.first(stage).outgoing(destination));
            connecting.await();
            side.abort();
            source.await(MIGRATION, SidePhase::terminal);
            assertThat(side.status().phase()).isEqualTo(SidePhase.ABORTED);
            assertThat(side.status().problem()).isEmpty();
            assertThat(stage.runs(SOURCE)).isTrue();
        }
    }

    /** Makes links for as long as they are wanted. */
    private static final class SilentWay extends AlteredLinks {
        private final CountDownLatch begun;

        SilentWay(Links links, CountDownLatch begun) {
            super(links);
            this.begun = begun;
        }

        @Override
        public Link connect(
                InetSocketAddress destination,
                String migrationId,
                long epoch,
                ExpectedPeer peer,
                BooleanSupplier wanted)
                throws LinkException {
            begun.countDown();
            while (wanted.getAsBoolean()) {
                Thread.onSpinWait();
            }
            throw new LinkException("not wanted any more");
        }
    }

    /** Makes disks until nobody wants them any more. */
    private record SlowHypervisor(Hypervisor hypervisor, CountDownLatch begun) implements Hypervisor {
        SlowHypervisor(Hypervisor hypervisor) {
            this(hypervisor, new CountDownLatch(1));
        }

        @Override
        public DestinationGuest openDestination(
                GuestDefinition definition, DiskSeeds seeds, Ledger ledger, GuestEvents events)
                throws HypervisorException {
            begun.countDown();
            while (seeds.wanted().getAsBoolean()) {
                Thread.onSpinWait();
            }
            throw new HypervisorException(Code.COMMAND_FAILED, "not wanted any more");
        }

        @Override
        public SourceGuest openSource(GuestDefinition definition, Ledger ledger, GuestEvents events)
                throws HypervisorException {
            return hypervisor.openSource(definition, ledger, events);
        }

        @Override
        public DestinationGuest reopenDestination(GuestDefinition definition, Ledger ledger, GuestEvents events)
                throws HypervisorException {
            return hypervisor.reopenDestination(definition, ledger, events);
        }

        @Override
        public void settle(GuestDefinition definition, Ledger ledger) throws HypervisorException {
            hypervisor.settle(definition, ledger);
        }

        @Override
        public List<String> keepPartialDisks(GuestDefinition definition, Set<String> disks, Ledger ledger)
                throws HypervisorException {
            return hypervisor.keepPartialDisks(definition, disks, ledger);
        }

        @Override
        public void giveBackDisks(GuestDefinition definition, Map<String, Path> formerFiles, Ledger ledger)
                throws HypervisorException {
            hypervisor.giveBackDisks(definition, formerFiles, ledger);
        }
    }

    /** Nobody gets a link but from the test. */
    private static final class HeldLinks extends AlteredLinks {
        private final CompletableFuture<Consumer<Link>> taker;

        HeldLinks(Links links, CompletableFuture<Consumer<Link>> taker) {
            super(links);
            this.taker = taker;
        }

        @Override
        public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
            taker.complete(onLink);
        }
    }

    /** Carries nothing. */
    private static final class SilentLink implements Link {
        volatile boolean closed;

        @Override
        public StreamSender sender(StreamId stream) {
            return new SilentSender();
        }

        @Override
        public void receive(StreamId stream, FrameReceiver receiver) {}

        @Override
        public void limitRate(long bytesPerSecond) {}

        @Override
        public void patience(Duration longest) {}

        @Override
        public LinkStatistics statistics() {
            return new LinkStatistics(0, 0, 0, 0, 0);
        }

        @Override
        public void onEnd(Consumer<LinkEnd> listener) {}

        @Override
        public void onOutage(Consumer<LinkOutage> listener) {}

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class SilentSender implements StreamSender {
        @Override
        public long send(Frame frame) {
            return 0;
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return OptionalLong.empty();
        }

        @Override
        public void onAcknowledged(LongConsumer listener) {}

        @Override
        public long unacknowledgedBytes() {
            return 0;
        }

        @Override
        public void awaitAcknowledged() {}
    }
}
