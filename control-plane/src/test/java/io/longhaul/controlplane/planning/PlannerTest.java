package io.longhaul.controlplane.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.HostCpu;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.HostNetwork;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.StoragePool;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PlannerTest {

    private static final long MEBIBYTE = 1L << 20;

    private final HostInventory here = inventory();
    private final HostInventory there = inventory();
    private final VmDefinition definition = new VmDefinition("guest", 512 * MEBIBYTE)
            .machineType("pc-q35-10.0")
            .cpuModel("qemu64,+aes")
            .disks(List.of(new DiskDefinition("root").existingFile("/pool/root.img")))
            .networkInterfaces(List.of(new NetworkInterface("user")));
    private VmState state = VmState.RUNNING;
    private boolean online = true;
    private String destination = "there";
    private Map<String, String> pools = Map.of();
    private Map<String, String> networks = Map.of();
    private Set<String> seededDisks = Set.of();
    private List<Reservation> reserved = List.of();

    @Test
    void plansWithTheDestinationsNamesAndSizesInsteadOfFiles() {
        there.getPools().add(new StoragePool("fast", "/fast", 1L << 40, 1L << 39));
        there.getNetworks().add(new HostNetwork("lan", "bridge"));
        pools = Map.of("default", "fast");
        networks = Map.of("user", "lan");
        PlanOutcome.Planned plan = plan().fold(planned -> planned, refused -> {
            throw new AssertionError(refused.problem());
        });
        DiskDefinition disk = plan.definition().getDisks().get(0);
        assertThat(disk.getPool()).isEqualTo("fast");
        assertThat(disk.getExistingFile()).isNull();
        assertThat(disk.getSizeBytes()).isEqualTo(1024 * MEBIBYTE);
        assertThat(plan.definition().getNetworkInterfaces().get(0).getNetwork()).isEqualTo("lan");
        assertThat(plan.reservation().poolBytes()).containsOnlyKeys("fast");
        assertThat(plan.reservation().memoryBytes()).isEqualTo((512 + 256) * MEBIBYTE);
    }

    @Test
    void refusesTheSameHostAndSaysNothingMore() {
        destination = "here";
        assertThat(codes()).containsExactly("SAME_HOST");
    }

    @Test
    void refusesAMachineThatDoesNotRun() {
        state = VmState.STOPPED;
        assertThat(codes()).containsExactly("VM_NOT_RUNNING");
    }

    @Test
    void refusesAHostThatIsOffline() {
        online = false;
        assertThat(codes()).containsExactly("AGENT_OFFLINE");
    }

    @Test
    void refusesByMemoryToTheByteWithWhatIsReserved() {
        there.memoryFreeBytes((512 + 256) * MEBIBYTE);
        assertThat(codes()).isEmpty();
        reserved = List.of(new Reservation(1, Map.of()));
        assertThat(codes()).containsExactly("INSUFFICIENT_MEMORY");
    }

    @Test
    void refusesBySpaceWithATenthMoreAndWhatIsReserved() {
        there.getPools().get(0).freeBytes(110 * MEBIBYTE);
        assertThat(codes()).isEmpty();
        reserved = List.of(new Reservation(0, Map.of("default", MEBIBYTE)));
        assertThat(codes()).containsExactly("INSUFFICIENT_DISK_SPACE");
    }

    @Test
    void saysHowOldTheFiguresAreThatItRefusesBy() {
        there.getPools().get(0).freeBytes(60 * MEBIBYTE);
        there.memoryFreeBytes(0L);
        List<Problem> reasons = plan().fold(planned -> List.<Problem>of(), PlanOutcome.Refused::reasons);
        assertThat(reasons)
                .hasSize(2)
                .allSatisfy(reason -> assertThat(reason.getDetail()).contains("free by its report of 1400 ms ago;"))
                .allSatisfy(reason -> assertThat(reason.getSeen()).contains("bytes free by its report of 1400 ms ago"));
    }

    @Test
    void refusesACpuModelTheDestinationCannotGive() {
        there.getCpu().usableModels(List.of("Skylake-Client-v1"));
        assertThat(codes()).containsExactly("CPU_MODEL_UNAVAILABLE");
    }

    @Test
    void movesAWholeProcessorOnlyToAnEqualOne() {
        definition.cpuModel("host");
        assertThat(codes()).isEmpty();
        everyDifference(
                cpu -> there.getCpu().model("Other"), () -> there.getCpu().model("Test"));
        everyDifference(
                cpu -> there.getCpu().flags(List.of("sse2")),
                () -> there.getCpu().flags(List.of("avx", "sse2")));
        everyDifference(cpu -> there.hypervisorVersion("10.1.0"), () -> there.hypervisorVersion("10.0.2"));
        definition.cpuModel("max,-svm");
        assertThat(codes()).isEmpty();
    }

    @Test
    void givesEveryReasonAtOnce() {
        there.machineTypes(List.of("pc-q35-9.2"))
                .networks(List.of())
                .pools(List.of())
                .memoryFreeBytes(0L);
        assertThat(codes())
                .containsExactly(
                        "MACHINE_TYPE_UNAVAILABLE", "NETWORK_UNAVAILABLE", "POOL_UNAVAILABLE", "INSUFFICIENT_MEMORY");
        Problem one = plan().fold(planned -> new Problem(), PlanOutcome.Refused::problem);
        assertThat(one.getCode()).isEqualTo("MACHINE_TYPE_UNAVAILABLE");
        assertThat(one.getDetail()).contains("Also POOL_UNAVAILABLE").contains("Also INSUFFICIENT_MEMORY");
    }

    @Test
    void refusesAMapOfSomethingTheMachineDoesNotUse() {
        pools = Map.of("defualt", "default");
        assertThat(codes()).containsExactly("INVALID_FIELD");
    }

    @Test
    void refusesATemplateForADiskTheMachineDoesNotHave() {
        seededDisks = Set.of("root");
        assertThat(codes()).isEmpty();
        seededDisks = Set.of("roto");
        assertThat(codes()).containsExactly("INVALID_FIELD");
    }

    private void everyDifference(Consumer<HostCpu> change, Runnable undo) {
        change.accept(there.getCpu());
        assertThat(codes()).containsExactly("CPU_MODEL_UNAVAILABLE");
        undo.run();
        assertThat(codes()).isEmpty();
    }

    private List<String> codes() {
        return plan().fold(
                        planned -> List.of(),
                        refused ->
                                refused.reasons().stream().map(Problem::getCode).toList());
    }

    private PlanOutcome plan() {
        return Planner.plan(new PlanRequest(
                new Machine(
                        "guest",
                        "here",
                        state,
                        definition,
                        List.of(new DiskState("root", 1024 * MEBIBYTE, 100 * MEBIBYTE))),
                new HostSnapshot("here", true, here, Duration.ZERO),
                new HostSnapshot(destination, online, there, Duration.ofMillis(1_400)),
                pools,
                networks,
                seededDisks,
                reserved));
    }

    private static HostInventory inventory() {
        return new HostInventory(
                "1",
                "10.0.2",
                "tcg",
                new HostCpu("Test", 4, List.of("sse2", "avx"), List.of("qemu64")),
                8L << 30,
                4L << 30,
                new java.util.ArrayList<>(List.of(new StoragePool("default", "/pool", 1L << 40, 1L << 39))),
                new java.util.ArrayList<>(List.of(new HostNetwork("user", "user"))),
                List.of("pc-q35-10.0"));
    }
}
