package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static io.longhaul.testkit.migration.MoveOrders.NEXT_MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two engines move a working guest. Whatever is done to them: the guest runs on exactly one host, with its whole disk, and
 * nothing that a broken migration made is left but what the next can begin with.
 */
public abstract class MigrationContract {
    /** Kinds of control messages, as docs/transfer.md has them. */
    private static final int GRANT = 1;

    private static final int TAKEN = 2;

    /** So little is left to copy that the destination's agent has all but the tail of the disks. */
    private static final long IN_SYNC_BYTES = 2 << 20;

    @TempDir
    Path folder;

    private HypervisorStage stage;
    private EngineHost source;
    private EngineHost destination;

    protected abstract HypervisorStage openStage() throws Exception;

    /** More than half of what the disks of a quiet stage hold: the least that a second try must find equal. */
    protected abstract long leastMatchedBytes();

    /** As {@link #openStage()}, with a guest that rewrites no more than a small part of its disks between two tries. */
    protected HypervisorStage openQuietStage() throws Exception {
        return openStage();
    }

    @BeforeEach
    void begin() throws Exception, InterruptedException {
        begin(openStage());
    }

    private void begin(HypervisorStage newStage) throws Exception, InterruptedException {
        stage = newStage;
        source = new EngineHost(folder.resolve("engine-source"), stage.hypervisor(SOURCE));
        destination = new EngineHost(folder.resolve("engine-destination"), stage.hypervisor(DESTINATION));
        stage.awaitProgress(SOURCE);
    }

    @AfterEach
    void end() throws Exception, InterruptedException {
        source.close();
        destination.close();
        stage.close();
    }

    @Test
    void movesAWorkingGuestWithItsWholeDisk() throws Exception, InterruptedException {
        order();
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);

        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(there.status().phase()).as(there.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(stage.runs(DESTINATION)).isTrue();
        stage.awaitProgress(DESTINATION);
        stage.requireHealthy(DESTINATION);
        assertThat(here.status().measurements().diskDigests())
                .isNotEmpty()
                .isEqualTo(there.status().measurements().diskDigests());
        assertNothingIsLeftInTheLedgers();
    }

    @ParameterizedTest
    @EnumSource(
            value = SidePhase.class,
            names = {"PREPARING", "COPYING_DISKS", "COPYING_MEMORY", "SWITCHING_OVER"})
    void anAbortAtTheSourceBeforeGrantLeavesTheGuestThere(SidePhase when) throws Exception, InterruptedException {
        source.react(side -> abortIn(when, side));
        order();
        assertUndone(source.await(MIGRATION, SidePhase::terminal), destination.await(MIGRATION, SidePhase::terminal));
    }

    @ParameterizedTest
    @EnumSource(
            value = SidePhase.class,
            names = {"PREPARED", "RECEIVING"})
    void anAbortAtTheDestinationLeavesTheGuestAtTheSource(SidePhase when) throws Exception, InterruptedException {
        destination.react(side -> abortIn(when, side));
        order();
        assertUndone(source.await(MIGRATION, SidePhase::terminal), destination.await(MIGRATION, SidePhase::terminal));
    }

    @Test
    void theDestinationsHypervisorDyingLeavesTheGuestAtTheSource() throws Exception, InterruptedException {
        source.react(side -> {
            if (side.status().phase() == SidePhase.COPYING_MEMORY) {
                killQuietly();
            }
        });
        order();
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        assertUndone(there, destination.await(MIGRATION, SidePhase::terminal));
        assertThat(there.status().problem().map(SideProblem::code))
                .contains(SideProblem.Code.DESTINATION_HYPERVISOR_FAILED);
    }

    @Test
    void whereTakenIsLostOnItsWayTheSourceWaitsForTheDestinationsWord() throws Exception, InterruptedException {
        restart(links -> links, links -> CuttingLinks.closing(links, TAKEN));
        order();
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        MigrationSide there = source.await(MIGRATION, phase -> phase == SidePhase.GRANTED);
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(stage.runs(SOURCE)).isFalse();
        assertThat(stage.runs(DESTINATION)).isTrue();

        there.abort();
        assertThat(there.status().phase()).as("too late to abort").isEqualTo(SidePhase.GRANTED);
        there.resolve(Decision.TAKEN);
        assertThat(source.await(MIGRATION, SidePhase::terminal).status().phase())
                .isEqualTo(SidePhase.COMPLETED);
        stage.awaitProgress(DESTINATION);
        stage.requireHealthy(DESTINATION);
        assertNothingIsLeftInTheLedgers();
    }

    @Test
    void whereGrantIsLostOnItsWayTheDestinationRefusesAndTheSourceGoesOnOnlyThen()
            throws Exception, InterruptedException {
        restart(links -> CuttingLinks.closing(links, GRANT), links -> links);
        order();
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        MigrationSide there = source.await(MIGRATION, phase -> phase == SidePhase.GRANTED);
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.ABORTED);
        assertThat(stage.runs(SOURCE)).as("nobody has told the source yet").isFalse();

        there.resolve(Decision.REFUSED);
        assertUndone(source.await(MIGRATION, SidePhase::terminal), destination.await(MIGRATION, SidePhase::terminal));
    }

    @Test
    void aSourceThatComesBackAfterGrantDoesNotRunTheGuestOfItself() throws Exception, InterruptedException {
        restart(links -> links, links -> CuttingLinks.closing(links, TAKEN));
        order();
        destination.await(MIGRATION, SidePhase::terminal);
        source.await(MIGRATION, phase -> phase == SidePhase.GRANTED);

        restart(links -> links, links -> links);
        MigrationSide there = source.await(MIGRATION, phase -> phase == SidePhase.GRANTED);
        assertThat(stage.runs(SOURCE)).isFalse();
        assertThat(destination.await(MIGRATION, SidePhase::terminal).status().phase())
                .isEqualTo(SidePhase.COMPLETED);
        there.resolve(Decision.TAKEN);
        assertThat(source.await(MIGRATION, SidePhase::terminal).status().phase())
                .isEqualTo(SidePhase.COMPLETED);
        assertThat(stage.runs(DESTINATION)).isTrue();
        assertNothingIsLeftInTheLedgers();
    }

    @Test
    void anAgentThatIsStoppedUndoesWhatItCan() throws Exception, InterruptedException {
        CountDownLatch copying = new CountDownLatch(1);
        source.react(side -> {
            if (side.status().phase() == SidePhase.COPYING_MEMORY) {
                copying.countDown();
            }
        });
        order();
        assertThat(copying.await(60, TimeUnit.SECONDS)).isTrue();
        source.close();

        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        if (there.status().phase() == SidePhase.ABORTED) {
            assertThat(there.status().problem().map(SideProblem::code)).contains(SideProblem.Code.AGENT_RESTARTED);
            assertUndone(there, here);
        } else {
            assertThat(stage.runs(DESTINATION)).as("it was granted just before").isTrue();
        }
    }

    @Test
    void theNextTryBeginsWithWhatCameBeforeTheDestinationsAgentWasStopped() throws Exception, InterruptedException {
        // What a busy guest rewrites in between would hide what was there already.
        end();
        begin(openQuietStage());
        CountDownLatch destinationStopped = new CountDownLatch(1);
        source.react(side -> {
            if (side.status().phase() == SidePhase.COPYING_MEMORY) {
                awaitQuietly(destinationStopped);
            }
        });
        order();
        source.awaitProgress(
                MIGRATION,
                now -> now.phase() == SidePhase.COPYING_MEMORY && now.progress().diskBytesRemaining() <= IN_SYNC_BYTES);
        destination.close();
        destinationStopped.countDown();
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        assertUndone(there, destination.await(MIGRATION, SidePhase::terminal));

        restart(links -> links, links -> links);
        MoveOrders.next(stage).begin(source, destination);
        MigrationSide here = destination.await(NEXT_MIGRATION, SidePhase::terminal);
        there = source.await(NEXT_MIGRATION, SidePhase::terminal);

        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(here.status().measurements().diskDigests())
                .isEqualTo(there.status().measurements().diskDigests());
        stage.awaitProgress(DESTINATION);
        stage.requireHealthy(DESTINATION);
        assertThat(there.status().measurements().diskBytesMatched().orElseThrow())
                .as("found at the destination, of " + there.status())
                .isGreaterThanOrEqualTo(leastMatchedBytes());
    }

    @Test
    void anOrderForAnIdThatWasAbortedBeforeIsRefused() throws Exception, InterruptedException {
        UUID guest = stage.definition(SOURCE).id();
        source.engine().abort(MIGRATION, guest, MigrationSide.Role.SOURCE, 1);
        restart(links -> links, links -> links);

        assertThatThrownBy(() -> source.engine().send(MoveOrders.first(stage).outgoing(destination)))
                .isInstanceOf(OrderRefusedException.class);
        assertThat(stage.runs(SOURCE)).isTrue();
        assertThat(source.engine().forget(MIGRATION)).isTrue();
    }

    private void restart(UnaryOperator<Links> sourceNetwork, UnaryOperator<Links> destinationNetwork)
            throws LinkException {
        source.close();
        destination.close();
        source = new EngineHost(folder.resolve("engine-source"), stage.hypervisor(SOURCE), sourceNetwork);
        destination =
                new EngineHost(folder.resolve("engine-destination"), stage.hypervisor(DESTINATION), destinationNetwork);
    }

    private static void awaitQuietly(CountDownLatch event) {
        try {
            assertThat(event.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killQuietly() {
        try {
            stage.kill(DESTINATION);
        } catch (Exception e) {
            throw new AssertionError("the destination's hypervisor could not be killed", e);
        }
    }

    private void order() throws Exception, InterruptedException {
        MoveOrders.first(stage).begin(source, destination);
    }

    private static void abortIn(SidePhase when, MigrationSide side) {
        if (side.status().phase() == when) {
            side.abort();
        }
    }

    private void assertUndone(MigrationSide there, MigrationSide here) throws Exception, InterruptedException {
        assertThat(there.status().phase()).as(there.status().toString()).isEqualTo(SidePhase.ABORTED);
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.ABORTED);
        assertThat(stage.runs(SOURCE)).isTrue();
        stage.awaitProgress(SOURCE);
        stage.requireHealthy(SOURCE);
        assertNothingIsLeftInTheLedgers();
        assertNothingIsLeftAtTheDestination(stage);
    }

    /** Beyond the ledger: what can be seen on a real host. */
    protected void assertNothingIsLeftAtTheDestination(HypervisorStage at) throws Exception {}

    private void assertNothingIsLeftInTheLedgers() {
        for (String host : new String[] {"engine-source", "engine-destination"}) {
            assertThat(new FileLedger(folder.resolve(host).resolve(MIGRATION + ".ledger")).outstanding())
                    .as(host)
                    .isEmpty();
        }
    }
}
