package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.session.EngineSettings;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two engines move a working guest over a network that is cut. One that comes back costs nothing but time; one that does
 * not leaves the guest running on one of the two hosts, never on none and never on both.
 */
public abstract class LinkOutageContract {
    /** Kinds of control messages, as docs/transfer.md has them. */
    private static final int GRANT = 1;

    private static final int TAKEN = 2;
    private static final int PAUSED = 5;
    private static final int SEAL = 6;

    private static final int SOME_REFUSALS = 3;

    @TempDir
    Path folder;

    private HypervisorStage stage;
    private EngineHost source;
    private EngineHost destination;
    private @Nullable UnreliableNetwork network;
    private volatile CuttingLinks.Cut cut = (kind, link) -> false;

    protected abstract HypervisorStage openStage() throws Exception;

    /** The real one's other values, and little patience where the guest stands still: these tests wait for its end. */
    private static EngineSettings settings() {
        EngineSettings real = EngineSettings.DEFAULT;
        return new EngineSettings(
                real.switchoverDeadline(),
                real.loadDeadline(),
                real.linkDeadline(),
                real.guestCheckDeadline(),
                real.linkPatience(),
                Duration.ofSeconds(3),
                Duration.ofMillis(1));
    }

    @BeforeEach
    void begin() throws Exception, InterruptedException {
        stage = openStage();
        CuttingLinks.Cut toBeChosen = (kind, link) -> cut.cut(kind, link);
        source = new EngineHost(
                folder.resolve("engine-source"),
                stage.hypervisor(SOURCE),
                links -> new CuttingLinks(through(links), toBeChosen),
                settings());
        destination = new EngineHost(
                folder.resolve("engine-destination"),
                stage.hypervisor(DESTINATION),
                links -> new CuttingLinks(links, toBeChosen),
                settings());
        stage.awaitProgress(SOURCE);
    }

    @AfterEach
    void end() throws Exception, InterruptedException {
        source.close();
        destination.close();
        stage.close();
    }

    @ParameterizedTest
    @CsvSource({"COPYING_DISKS, 20000", "COPYING_MEMORY, 1", "COPYING_MEMORY, 4000"})
    void aCutWhileTheGuestRunsCostsNothingButTime(SidePhase when, long bytesMore) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        source.react(side -> {
            if (side.status().phase() == when && !done.getAndSet(true)) {
                network().cutAfter(bytesMore, SOME_REFUSALS);
            }
        });
        order();
        assertMoved();
        assertThat(network().refused()).as("the link was away for a while").isGreaterThanOrEqualTo(SOME_REFUSALS);
    }

    @ParameterizedTest
    @ValueSource(ints = {PAUSED, SEAL, GRANT, TAKEN})
    void aShortCutWhileTheGuestIsPausedCostsNothingButTime(int kind) throws Exception {
        cutBefore(kind, SOME_REFUSALS);
        order();
        assertMoved();
    }

    @ParameterizedTest
    @ValueSource(ints = {PAUSED, SEAL, GRANT, TAKEN})
    void aCutForGoodWhileTheGuestIsPausedLeavesItOnOneHost(int kind) throws Exception {
        cutBefore(kind, UnreliableNetwork.FOR_EVER);
        order();
        actAsTheControlPlane();

        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        assertThat(stage.runs(SOURCE)).as(there.status() + ", " + here.status()).isNotEqualTo(stage.runs(DESTINATION));
        assertThat(there.status().phase()).isEqualTo(here.status().phase());
        HypervisorStage.Side owner = there.status().phase() == SidePhase.COMPLETED ? DESTINATION : SOURCE;
        stage.awaitProgress(owner);
        stage.requireHealthy(owner);
        assertNothingIsLeftInTheLedgers();
    }

    @Test
    void aSourceThatIsCutOffAfterGrantSaysSo() throws Exception {
        cutBefore(GRANT, UnreliableNetwork.FOR_EVER);
        order();
        MigrationSide there = source.awaitSide(MIGRATION, MigrationSide::isCutOff);
        assertThat(there.status().phase()).isEqualTo(SidePhase.GRANTED);
        assertThat(stage.runs(SOURCE)).isFalse();
        actAsTheControlPlane();
        source.await(MIGRATION, SidePhase::terminal);
        assertThat(there.isCutOff()).isFalse();
    }

    /** Asks the destination for its decision and passes it on, where the source can no longer hear it. */
    private void actAsTheControlPlane() throws InterruptedException {
        MigrationSide there = source.awaitSide(
                MIGRATION, side -> side.isCutOff() || side.status().phase().terminal());
        MigrationSide here = destination.engine().find(MIGRATION).orElseThrow();
        here.abort();
        SidePhase end =
                destination.await(MIGRATION, SidePhase::terminal).status().phase();
        there.resolve(end == SidePhase.COMPLETED ? Decision.TAKEN : Decision.REFUSED);
    }

    /** Cuts the network before the first message of the kind. */
    private void cutBefore(int kind, int refusals) {
        AtomicBoolean done = new AtomicBoolean();
        cut = (each, link) -> {
            if (each == kind && !done.getAndSet(true)) {
                network().cut(refusals);
            }
            return false;
        };
    }

    private UnreliableNetwork through(Links links) {
        UnreliableNetwork made = new UnreliableNetwork(links);
        network = made;
        return made;
    }

    private UnreliableNetwork network() {
        return Objects.requireNonNull(network, "not started");
    }

    private void order() throws Exception, InterruptedException {
        MoveOrders.first(stage).begin(source, destination);
    }

    private void assertMoved() throws Exception {
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        assertThat(there.status().phase()).as(there.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(stage.runs(SOURCE)).isFalse();
        stage.awaitProgress(DESTINATION);
        stage.requireHealthy(DESTINATION);
        assertThat(here.status().measurements().diskDigests())
                .isNotEmpty()
                .isEqualTo(there.status().measurements().diskDigests());
        assertNothingIsLeftInTheLedgers();
    }

    private void assertNothingIsLeftInTheLedgers() {
        for (String host : new String[] {"engine-source", "engine-destination"}) {
            assertThat(new FileLedger(folder.resolve(host).resolve(MIGRATION + ".ledger")).outstanding())
                    .as(host)
                    .isEmpty();
        }
    }
}
