package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.OutgoingOrder;
import io.longhaul.engine.session.SessionToken;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.TransferPolicy;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What two engines are told in a test, so that a stage's guest moves from the one to the other. Immutable. */
record MoveOrders(HypervisorStage stage, String migrationId, long epoch) {
    static final String MIGRATION = "m-1";
    static final String NEXT_MIGRATION = "m-2";

    private static final SessionToken TOKEN = new SessionToken("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    private static final TransferPolicy POLICY = new TransferPolicy(Duration.ofMillis(300), OptionalLong.empty(), true);

    /** Of {@link #MIGRATION}. */
    static MoveOrders first(HypervisorStage stage) {
        return new MoveOrders(stage, MIGRATION, 1);
    }

    /** Of {@link #NEXT_MIGRATION}. */
    static MoveOrders next(HypervisorStage stage) {
        return new MoveOrders(stage, NEXT_MIGRATION, 2);
    }

    IncomingOrder incoming() {
        return incoming(Map.of());
    }

    IncomingOrder incoming(Map<String, List<DiskSeed>> seeds) {
        return new IncomingOrder(
                migrationId,
                epoch,
                new ExpectedPeer("source", TOKEN),
                stage.definition(DESTINATION),
                POLICY,
                seeds,
                List.of());
    }

    /** With the blank disks as the destination reports them. */
    OutgoingOrder outgoing(EngineHost destination) {
        return outgoing(
                destination,
                destination
                        .engine()
                        .find(migrationId)
                        .map(MigrationSide::blankDisks)
                        .orElse(Set.of()));
    }

    OutgoingOrder outgoing(EngineHost destination, Set<String> blankDisks) {
        return new OutgoingOrder(
                migrationId,
                epoch,
                new ExpectedPeer("destination", TOKEN),
                stage.definition(SOURCE),
                destination.engine().transferAddress(),
                blankDisks,
                POLICY);
    }

    void begin(EngineHost source, EngineHost destination) throws OrderRefusedException, InterruptedException {
        begin(source, destination, Map.of());
    }

    /** The source is told once the destination is ready. */
    void begin(EngineHost source, EngineHost destination, Map<String, List<DiskSeed>> seeds)
            throws OrderRefusedException, InterruptedException {
        prepare(destination, seeds);
        source.engine().send(outgoing(destination));
    }

    void prepare(EngineHost destination, Map<String, List<DiskSeed>> seeds)
            throws OrderRefusedException, InterruptedException {
        destination.engine().receive(incoming(seeds));
        MigrationSide waiting = destination.await(
                migrationId, phase -> phase == SidePhase.PREPARED || phase == SidePhase.REFUSED || phase.terminal());
        assertThat(waiting.status().problem()).isEmpty();
    }
}
