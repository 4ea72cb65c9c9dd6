package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.testkit.hypervisor.FakeStage;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One side sends frames that no correct one sends: the other says so, and the guest goes on at the source. */
@Timeout(60)
class LyingPeerTest {
    private static final UnaryOperator<Frame> UNKNOWN_KIND =
            frame -> new Frame(99, frame.position(), frame.extent(), frame.payload());

    @TempDir
    Path folder;

    private final FakeStage stage = new FakeStage();
    private EngineHost source;
    private EngineHost destination;
    private volatile LyingLinks.Lie sourcesLie = LyingLinks.Lie.NONE;
    private volatile LyingLinks.Lie destinationsLie = LyingLinks.Lie.NONE;

    @BeforeEach
    void begin() throws LinkException {
        source = new EngineHost(
                folder.resolve("engine-source"),
                stage.hypervisor(SOURCE),
                links -> new LyingLinks(links, (stream, frame) -> sourcesLie.insteadOf(stream, frame)));
        destination = new EngineHost(
                folder.resolve("engine-destination"),
                stage.hypervisor(DESTINATION),
                links -> new LyingLinks(links, (stream, frame) -> destinationsLie.insteadOf(stream, frame)));
    }

    @AfterEach
    void end() {
        source.close();
        destination.close();
        stage.close();
    }

    @Test
    void aDiskFrameThatCannotBeIsTheSourcesFault() throws OrderRefusedException, InterruptedException {
        // One only: frames are looked at by several threads, and any of them may be the first to complain.
        AtomicBoolean lied = new AtomicBoolean();
        sourcesLie =
                LyingLinks.Lie.on(StreamId.disk(0), frame -> lied.getAndSet(true) ? frame : UNKNOWN_KIND.apply(frame));
        order();
        SideProblem problem = refused(destination);
        assertThat(problem.seen()).contains("frame 0 of the disk's stream").contains("kind 99");
        assertThat(problem.expected()).isEqualTo("1 or 2");
        assertThat(refused(source)).as("what the source is told").isEqualTo(problem);
    }

    @Test
    void aMemoryFrameThatCannotBeIsTheSourcesFault() throws OrderRefusedException, InterruptedException {
        sourcesLie = LyingLinks.Lie.on(
                StreamId.MEMORY,
                frame -> new Frame(frame.kind(), frame.position() + 1, frame.extent(), frame.payload()));
        order();
        SideProblem problem = refused(destination);
        assertThat(problem.seen()).contains("gap").endsWith("offset 1");
        assertThat(problem.expected()).isEqualTo("one at offset 0");
        assertThat(refused(source)).as("what the source is told").isEqualTo(problem);
    }

    @Test
    void aControlMessageThatCannotBeIsTheSourcesFault() throws OrderRefusedException, InterruptedException {
        sourcesLie = LyingLinks.Lie.on(StreamId.CONTROL, UNKNOWN_KIND);
        order();
        SideProblem problem = refused(destination);
        assertThat(problem.seen()).isEqualTo("A control message of kind 99");
        assertThat(problem.expected()).isEqualTo("1 to 6");
    }

    @Test
    void digestsThatCannotBeAreTheDestinationsFault() throws OrderRefusedException, InterruptedException {
        destinationsLie = LyingLinks.Lie.on(StreamId.diskReturn(0), UNKNOWN_KIND);
        order();
        SideProblem problem = refused(source);
        assertThat(problem.seen())
                .contains("frame 0 of the disk's return stream")
                .contains("kind 99");
        assertThat(problem.expected()).contains("1 to 3");
        destination.await(MIGRATION, SidePhase::terminal);
    }

    private void order() throws OrderRefusedException, InterruptedException {
        MoveOrders.first(stage).begin(source, destination);
    }

    private SideProblem refused(EngineHost host) throws InterruptedException {
        MigrationSide side = host.await(MIGRATION, SidePhase::terminal);
        assertThat(side.status().phase()).isEqualTo(SidePhase.ABORTED);
        assertThat(source.await(MIGRATION, SidePhase::terminal).status().phase())
                .isEqualTo(SidePhase.ABORTED);
        assertThat(stage.runs(SOURCE)).isTrue();
        assertThat(stage.runs(DESTINATION)).isFalse();
        SideProblem problem = side.status().problem().orElseThrow();
        assertThat(problem.code()).as("%s", problem).isEqualTo(SideProblem.Code.PEER_REJECTED);
        return problem;
    }
}
