package io.longhaul.agent.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.fakes.FakeGuestHost;
import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.inventory.HostResources;
import io.longhaul.agent.inventory.HypervisorFacts;
import io.longhaul.agent.inventory.ProcFiles;
import io.longhaul.agent.probe.SerialLogProbe;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.Definitions;
import io.longhaul.agent.vms.EpochFence;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.VmLocks;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.agent.vms.VmStore;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.session.MigrationSide.Role;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.transport.CongestionControl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** What an agent finds in its folders after it was killed at any point, and makes of it. */
class OwnerChangesTest {
    private static final UUID GUEST = new UUID(1, 2);
    private static final JsonMapper MAPPER = JsonMapper.shared();

    @TempDir
    Path folder = Path.of("unset");

    private final ScriptedEngine engine = new ScriptedEngine();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final VmLocks locks = new VmLocks();

    private @Nullable VmStore store;
    private @Nullable Arrivals arrivals;

    @BeforeEach
    void prepareProc() throws IOException {
        Files.createDirectories(folder.resolve("proc"));
        Files.writeString(folder.resolve("proc/cpuinfo"), "processor\t: 0\nmodel name\t: One\nflags\t\t: fpu sse2\n");
        Files.writeString(folder.resolve("proc/meminfo"), "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
    }

    @Test
    void aMachineTakenJustBeforeTheAgentDiedIsThisHosts() throws IOException {
        arrivals().put(arrival(2, false));
        engine.leave("m1", GUEST, Role.DESTINATION, 2, SidePhase.TAKEN);
        start();
        assertThat(store().find(GUEST)).map(VmRecord::epoch).hasValue(2L);
        assertThat(arrivals().find("m1")).map(ArrivalRecord::taken).hasValue(true);
    }

    @Test
    void aMachineThatWasTakenAndHasLeftAgainDoesNotComeBack() throws IOException {
        arrivals().put(arrival(2, false).asTaken());
        engine.leave("m1", GUEST, Role.DESTINATION, 2, SidePhase.COMPLETED);
        start();
        assertThat(store().find(GUEST)).isEmpty();
    }

    @Test
    void anArrivalCutOffWhileItWasPreparedIsUndoneAndItsIdClosed() throws IOException {
        arrivals().put(arrival(2, false));
        start();
        assertThat(arrivals().find("m1"))
                .hasValueSatisfying(arrival -> assertThat(arrival.failure())
                        .isNotNull()
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ProblemCode.AGENT_RESTARTED)));
        assertThat(engine.find("m1"))
                .hasValueSatisfying(side -> assertThat(side.status().phase()).isEqualTo(SidePhase.ABORTED));
        assertThat(told).contains("m1");
    }

    @Test
    void anArrivalThatWasForgottenHalfwayIsForgotten() throws IOException {
        arrivals().put(arrival(2, false).asTaken());
        start();
        assertThat(arrivals().find("m1")).isEmpty();
        assertThat(engine.sides).isEmpty();
    }

    @Test
    void aMachineReleasedJustBeforeTheAgentDiedIsNoLongerThisHosts() throws IOException {
        store().put(machine(1));
        engine.leave("m1", GUEST, Role.SOURCE, 2, SidePhase.RELEASED);
        start();
        assertThat(store().find(GUEST)).isEmpty();
        assertThat(new Departures(folder, MAPPER).find("m1"))
                .map(DepartureRecord::machine)
                .hasValue(machine(1));
    }

    @Test
    void aMachineThatCameBackIsNotReleasedByItsEarlierMove() throws IOException {
        store().put(machine(3));
        engine.leave("m1", GUEST, Role.SOURCE, 2, SidePhase.COMPLETED);
        start();
        assertThat(store().find(GUEST)).isPresent();
    }

    @Test
    void aGrantedSourceKeepsItsRecordUntilItIsDecided() throws IOException {
        store().put(machine(1));
        engine.leave("m1", GUEST, Role.SOURCE, 2, SidePhase.GRANTED);
        start();
        assertThat(store().find(GUEST)).isPresent();
        engine.move("m1", SidePhase.ABORTED);
        assertThat(store().find(GUEST)).map(VmRecord::epoch).hasValue(2L);
    }

    @Test
    void theMoveThatBroughtAMachineDoesNotBringItAgainAfterItHasLeft() throws IOException {
        start();
        arrivals().put(arrival(2, false));
        store().put(machine(2));
        engine.leave("m2", GUEST, Role.SOURCE, 3, SidePhase.COMPLETED);
        engine.move("m2", SidePhase.COMPLETED);
        engine.leave("m1", GUEST, Role.DESTINATION, 2, SidePhase.COMPLETED);
        engine.move("m1", SidePhase.COMPLETED);
        assertThat(store().find(GUEST)).isEmpty();
    }

    /** The guest is paused then: its side must not wait for whoever holds the machine. */
    @ParameterizedTest
    @EnumSource(
            value = SidePhase.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TAKEN", "RELEASED", "COMPLETED", "ABORTED"})
    void aSideWaitsForNobodyBeforeTheOwnerIsDecided(SidePhase phase) throws IOException {
        engine.leave("m1", GUEST, Role.SOURCE, 2, SidePhase.PREPARING);
        start();
        locks.with(GUEST, () -> {
            CompletableFuture<Void> moved = CompletableFuture.runAsync(() -> engine.move("m1", phase));
            return moved.orTimeout(10, TimeUnit.SECONDS).join();
        });
        assertThat(told).contains("m1");
    }

    @Test
    void everyPhaseAndProblemOfTheEngineHasItsWordInTheApi() {
        for (SidePhase phase : SidePhase.values()) {
            assertThat(SideModels.phase(phase).name()).isEqualTo(phase.name());
        }
        for (var code : io.longhaul.engine.session.SideProblem.Code.values()) {
            assertThat(ProblemCode.valueOf(code.name()).title()).isNotEmpty();
        }
    }

    private void start() throws IOException {
        AgentSettings settings = new AgentSettings(
                "host-a",
                "west",
                URI.create("https://127.0.0.1:1"),
                folder,
                Path.of("/tmp/x"),
                Optional.empty(),
                new InetSocketAddress(0),
                8,
                CongestionControl.SYSTEM,
                Optional.empty(),
                folder,
                Map.of("default", folder),
                Map.of(),
                OptionalLong.empty(),
                1,
                Duration.ofSeconds(1),
                false);
        Ownership ownership = new Ownership(
                store(), new EpochFence(folder, MAPPER, Clock.systemUTC()), locks, new EngineHold(engine, arrivals()));
        HypervisorFacts facts = new HypervisorFacts("10.0.2", "tcg", List.of(), Map.of(), List.of());
        FakeGuestHost host = new FakeGuestHost();
        HostResources resources =
                new HostResources(settings, facts, new ProcFiles(folder.resolve("proc")), host, List::of, "0");
        MachineFiles files = new MachineFiles(
                ownership,
                new Definitions(settings, resources),
                new BootFileStore(folder, 1),
                host,
                arrivals(),
                folder);
        new OwnerChanges(
                        engine,
                        ownership,
                        arrivals(),
                        new Departures(folder, MAPPER),
                        files,
                        new SerialLogProbe(),
                        told::add)
                .takeUp();
    }

    private VmStore store() {
        if (store == null) {
            store = new VmStore(folder, MAPPER);
        }
        return store;
    }

    private Arrivals arrivals() {
        if (arrivals == null) {
            arrivals = new Arrivals(folder, MAPPER);
        }
        return arrivals;
    }

    private static ArrivalRecord arrival(long epoch, boolean ended) {
        return new ArrivalRecord("m1", epoch, "digest", machine(epoch), null, ended, null, false);
    }

    private static VmRecord machine(long epoch) {
        return new VmRecord(
                GUEST, epoch, null, new VmDefinition("guest", 1L << 24), List.of(), List.of(), null, true, true);
    }
}
