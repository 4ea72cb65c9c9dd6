package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static io.longhaul.testkit.migration.MoveOrders.NEXT_MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two engines move a working guest to a host that has something like its disk already: what is equal does not cross the
 * link, and what was there before the move is never lost.
 */
public abstract class SeedingContract {
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path folder;

    private HypervisorStage stage;
    private EngineHost source;
    private EngineHost destination;

    protected abstract HypervisorStage openStage() throws Exception;

    /** The least that must be found equal of the first disk. */
    protected abstract long leastMatchedBytes();

    /** The most that may then cross the link besides pages of memory. */
    protected abstract long mostBytesOnWire();

    /** The migration's ledger has removed it, which means nothing to a stage whose files are no files. */
    protected void removed(Path file) {}

    @BeforeEach
    void begin() throws Exception, InterruptedException {
        stage = openStage();
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

    @ParameterizedTest
    @EnumSource(DiskFormat.class)
    void ofATemplateOnlyWhatDiffersCrossesTheLink(DiskFormat format) throws Exception {
        Path template = beside("template");
        stage.putSeed(template, format);
        order(new DiskSeed(template, format, DiskSeed.Use.COPY));
        assertMovedFromSeed();
        assertThat(stage.exists(template)).as("a template is only read").isTrue();
    }

    @Test
    void ofAFileThatIsTakenOverOnlyWhatDiffersCrossesTheLink() throws Exception {
        Path former = beside("former");
        stage.putSeed(former, firstDisk().format());
        order(takeOver(former));
        assertMovedFromSeed();
        assertThat(stage.exists(former)).as("it is the disk now").isFalse();
        assertThat(stage.exists(firstDisk().file())).isTrue();
    }

    @Test
    void aFileThatWasTakenOverAndNotWrittenHasItsNameBack() throws Exception {
        Path former = beside("former");
        stage.putSeed(former, firstDisk().format());
        destination.engine().receive(MoveOrders.first(stage).incoming(ofFirstDisk(takeOver(former))));
        MigrationSide here = destination.await(MIGRATION, phase -> phase == SidePhase.PREPARED);
        assertThat(here.blankDisks())
                .as("all but the one that is taken over")
                .containsExactly(stage.definition(DESTINATION).disks().get(1).name());
        assertThat(stage.exists(former)).isFalse();
        here.abort();
        destination.await(MIGRATION, SidePhase::terminal);
        assertThat(stage.exists(former)).isTrue();
        assertThat(stage.exists(firstDisk().file())).isFalse();
        assertThat(here.status().measurements().notes()).anyMatch(note -> note.contains("has its name back"));
        assertNothingIsLeftInTheLedger(MIGRATION);
    }

    @Test
    void aDiskThatIsNotBlankThoughTheSourcesOrderSaysSoEndsTheMoveAndTheGuestRunsOn() throws Exception {
        Path template = beside("template");
        stage.putSeed(template, firstDisk().format());
        MoveOrders orders = MoveOrders.first(stage);
        orders.prepare(
                destination, ofFirstDisk(new DiskSeed(template, firstDisk().format(), DiskSeed.Use.COPY)));
        source.engine().send(orders.outgoing(destination, Set.of(firstDisk().name())));
        MigrationSide there = source.await(MIGRATION, SidePhase::terminal);
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        assertThat(there.status().phase()).as(there.status().toString()).isEqualTo(SidePhase.ABORTED);
        assertThat(there.status().problem())
                .hasValueSatisfying(problem -> assertThat(problem.code()).isEqualTo(SideProblem.Code.PEER_REJECTED));
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.ABORTED);
        stage.awaitProgress(SOURCE);
        stage.requireHealthy(SOURCE);
    }

    /** Nobody wants anything left of an aborted move, but this was there before it. */
    @Test
    void aFileThatWasTakenOverAndWrittenIsKeptForTheNextTryWhateverEndedThisOne() throws Exception {
        Path former = beside("former");
        stage.putSeed(former, firstDisk().format());
        source.react(side -> {
            if (side.status().phase() == SidePhase.COPYING_MEMORY
                    && side.migrationId().equals(MIGRATION)) {
                side.abort();
            }
        });
        order(takeOver(former));
        source.await(MIGRATION, SidePhase::terminal);
        MigrationSide here = destination.await(MIGRATION, SidePhase::terminal);
        assertThat(here.status().phase()).isEqualTo(SidePhase.ABORTED);
        assertThat(stage.exists(former)).isFalse();
        assertThat(stage.exists(firstDisk().file())).isFalse();
        assertThat(here.status().measurements().notes()).anyMatch(note -> note.contains("is kept"));
        assertNothingIsLeftInTheLedger(MIGRATION);

        removed(stage.definition(DESTINATION).disks().get(1).file());
        MoveOrders.next(stage).begin(source, destination);
        assertMovedFromSeed(NEXT_MIGRATION);
    }

    private DiskSeed takeOver(Path former) {
        return new DiskSeed(former, firstDisk().format(), DiskSeed.Use.TAKE_OVER);
    }

    private Disk firstDisk() {
        return stage.definition(DESTINATION).disks().get(0);
    }

    private Path beside(String name) {
        return firstDisk().file().resolveSibling(name);
    }

    private void order(DiskSeed... seeds) throws OrderRefusedException, InterruptedException {
        MoveOrders.first(stage).begin(source, destination, ofFirstDisk(seeds));
    }

    private Map<String, List<DiskSeed>> ofFirstDisk(DiskSeed... seeds) {
        return Map.of(firstDisk().name(), List.of(seeds));
    }

    private void assertMovedFromSeed() throws Exception {
        assertMovedFromSeed(MIGRATION);
    }

    private void assertMovedFromSeed(String migration) throws Exception {
        MigrationSide here = destination.await(migration, SidePhase::terminal);
        MigrationSide there = source.await(migration, SidePhase::terminal);
        assertThat(here.status().phase()).as(here.status().toString()).isEqualTo(SidePhase.COMPLETED);
        assertThat(there.status().phase()).as(there.status().toString()).isEqualTo(SidePhase.COMPLETED);
        stage.awaitProgress(DESTINATION);
        stage.requireHealthy(DESTINATION);
        assertThat(here.status().measurements().diskDigests())
                .isNotEmpty()
                .isEqualTo(there.status().measurements().diskDigests());
        long matched = there.status().measurements().diskBytesMatched().orElseThrow();
        Progress progress = there.status().progress();
        long besidesPages = progress.bytesOnWire() - progress.effort().pagesSent() * PAGE_BYTES;
        assertThat(matched).isGreaterThanOrEqualTo(leastMatchedBytes());
        assertThat(progress.effort().diskBytesMatched()).isEqualTo(matched);
        assertThat(besidesPages)
                .as("bytes on the wire besides the memory's pages, of " + progress)
                .isLessThanOrEqualTo(mostBytesOnWire());
        assertNothingIsLeftInTheLedger(migration);
    }

    private void assertNothingIsLeftInTheLedger(String migration) {
        assertThat(new FileLedger(folder.resolve("engine-destination").resolve(migration + ".ledger")).outstanding())
                .isEmpty();
    }
}
