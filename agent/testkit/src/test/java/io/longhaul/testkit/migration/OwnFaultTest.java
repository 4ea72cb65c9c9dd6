package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.testkit.hypervisor.FakeStage;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.lang.reflect.Method;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent that runs out of memory, once, at any of the places where an engine's thread calls its hypervisor or what that
 * has given it. Whichever thread it hits, the move ends, and the guest runs on exactly one host.
 */
class OwnFaultTest {
    private static final String NOWHERE = "nowhere";
    private static final Set<SidePhase> TAKEN = Set.of(SidePhase.TAKEN, SidePhase.COMPLETED);
    private static final Set<Class<?>> PORTS = Set.of(
            SourceGuest.class,
            DestinationGuest.class,
            DiskReader.class,
            DiskWriter.class,
            ReadableByteChannel.class,
            WritableByteChannel.class);

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> aFaultEndsTheMoveAndTheGuestRunsOn() throws Exception {
        Set<String> places = move(NOWHERE);
        assertThat(places)
                .contains("SOURCE SourceGuest.startMemory", "SOURCE DiskReader.read", "DESTINATION DiskWriter.write");
        return places.stream()
                .map(place -> DynamicTest.dynamicTest(place, () -> {
                    Set<String> unused = move(place);
                }));
    }

    /** @return all places that were passed */
    private Set<String> move(String faultyPlace) throws Exception {
        Path own = Files.createTempDirectory(folder, "move");
        FakeStage stage = new FakeStage();
        Faults faults = new Faults(faultyPlace);
        try (EngineHost source = new EngineHost(own.resolve("source"), faults.in(stage, SOURCE));
                EngineHost destination = new EngineHost(own.resolve("destination"), faults.in(stage, DESTINATION))) {
            source.react(side -> mind(source, destination));
            destination.react(side -> mind(source, destination));
            MoveOrders orders = MoveOrders.first(stage);
            MigrationSide arrival = destination.engine().receive(orders.incoming());
            destination.awaitSide(
                    MIGRATION,
                    side -> side.status().phase() == SidePhase.PREPARED
                            || side.status().problem().isPresent());
            MigrationSide departure = source.engine().send(orders.outgoing(destination));
            source.await(MIGRATION, SidePhase::terminal);
            destination.await(MIGRATION, SidePhase::terminal);
            assertThat(arrival.status().phase()).isEqualTo(departure.status().phase());
            HypervisorStage.Side here = departure.status().phase() == SidePhase.COMPLETED ? DESTINATION : SOURCE;
            assertThat(stage.runs(here)).isTrue();
            assertThat(stage.runs(here == SOURCE ? DESTINATION : SOURCE)).isFalse();
            stage.awaitProgress(here);
            stage.requireHealthy(here);
            assertThat(faults.thrown.get()).isNotEqualTo(faultyPlace.equals(NOWHERE));
            return faults.places;
        } finally {
            stage.close();
        }
    }

    /** As the control plane does: what one side does not hear of the other by the link, it hears so. */
    private static void mind(EngineHost source, EngineHost destination) {
        Optional<SidePhase> leaving = phase(source);
        Optional<SidePhase> arriving = phase(destination);
        if (leaving.equals(Optional.of(SidePhase.ABORTED))) {
            destination.engine().find(MIGRATION).ifPresent(MigrationSide::abort);
        }
        if (leaving.equals(Optional.of(SidePhase.GRANTED))
                && arriving.filter(TAKEN::contains).isPresent()) {
            source.engine().find(MIGRATION).ifPresent(side -> side.resolve(Decision.TAKEN));
        }
    }

    private static Optional<SidePhase> phase(EngineHost host) {
        return host.engine().find(MIGRATION).map(side -> side.status().phase());
    }

    /** Throws once, where it is told to, and notes every place. */
    private static final class Faults {
        private final String place;
        private final AtomicBoolean thrown = new AtomicBoolean();
        private final Set<String> places = new ConcurrentSkipListSet<>();

        Faults(String place) {
            this.place = place;
        }

        Hypervisor in(FakeStage stage, HypervisorStage.Side side) {
            return wrap(Hypervisor.class, stage.hypervisor(side), side);
        }

        private <T> T wrap(Class<T> port, Object real, HypervisorStage.Side side) {
            return Proxies.of(port, (proxy, method, values) -> call(port, real, side, method, values));
        }

        private @Nullable Object call(
                Class<?> port, Object real, HypervisorStage.Side side, Method method, Object @Nullable [] values)
                throws Throwable {
            String here = side + " " + port.getSimpleName() + "." + method.getName();
            places.add(here);
            if (here.equals(place) && thrown.compareAndSet(false, true)) {
                throw new OutOfMemoryError("planned, at " + here);
            }
            Object answer = Proxies.call(real, method, values);
            Class<?> type = method.getReturnType();
            return answer != null && PORTS.contains(type) ? wrap(type, answer, side) : answer;
        }
    }
}
