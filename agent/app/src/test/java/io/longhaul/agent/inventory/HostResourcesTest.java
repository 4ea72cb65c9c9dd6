package io.longhaul.agent.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.fakes.FakeGuestHost;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.transport.CongestionControl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostResourcesTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder = Path.of("unset");

    @BeforeEach
    void writeProc() throws IOException {
        Files.writeString(
                folder.resolve("cpuinfo"),
                "processor\t: 0\nmodel name\t: A CPU @ 2.00GHz\nflags\t\t: fpu vme sse2\n\n"
                        + "processor\t: 1\nmodel name\t: A CPU @ 2.00GHz\nflags\t\t: fpu vme sse2\n");
        Files.writeString(
                folder.resolve("meminfo"), "MemTotal:        4096000 kB\nMemFree: 1 kB\nMemAvailable:    2048000 kB\n");
    }

    @Test
    void tellsWhatTheHostIs() {
        HostInventory inventory = resources(OptionalLong.empty(), 0).inventory();
        assertThat(inventory.getCpu().getModel()).isEqualTo("A CPU @ 2.00GHz");
        assertThat(inventory.getCpu().getThreads()).isEqualTo(2);
        assertThat(inventory.getCpu().getFlags()).containsExactly("fpu", "vme", "sse2");
        assertThat(inventory.getMemoryTotalBytes()).isEqualTo(4_000 * MIB);
        assertThat(inventory.getMemoryFreeBytes()).isEqualTo(2_000 * MIB);
        assertThat(inventory.getHypervisorVersion()).isEqualTo("10.0.2");
        assertThat(inventory.getPools().get(0).getFreeBytes()).isPositive();
        assertThat(inventory.getPools().get(1).getTotalBytes()).isZero();
    }

    @Test
    void doesNotGiveTwiceWhatItPromised() {
        assertThat(resources(OptionalLong.empty(), 512).freeMemoryBytes()).isEqualTo(1_488 * MIB);
        assertThat(resources(OptionalLong.empty(), 5_000).freeMemoryBytes()).isZero();
    }

    @Test
    void staysWithinItsLimit() {
        assertThat(resources(OptionalLong.of(1_000 * MIB), 512).freeMemoryBytes())
                .isEqualTo(488 * MIB);
        assertThat(resources(OptionalLong.of(1_000 * MIB), 512).inventory().getMemoryTotalBytes())
                .isEqualTo(1_000 * MIB);
    }

    @Test
    void resolvesAnAliasToTheVersionThisHostHas() {
        HostResources resources = resources(OptionalLong.empty(), 0);
        assertThat(resources.machineType("q35")).hasValue("pc-q35-10.0");
        assertThat(resources.machineType("pc-q35-10.0")).hasValue("pc-q35-10.0");
        assertThat(resources.machineType("pc-q35-9.0")).isEmpty();
    }

    private HostResources resources(OptionalLong limit, long promisedMebibytes) {
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
                Map.of("default", folder, "gone", folder.resolve("gone")),
                Map.of(),
                limit,
                1,
                Duration.ofSeconds(1),
                false);
        VmDefinition definition = new VmDefinition("promised", promisedMebibytes * MIB);
        VmRecord machine = new VmRecord(new UUID(1, 2), 1, null, definition, List.of(), List.of(), null, true, true);
        HypervisorFacts facts = new HypervisorFacts(
                "10.0.2", "tcg", List.of("pc-q35-10.0"), Map.of("q35", "pc-q35-10.0"), List.of("qemu64"));
        return new HostResources(
                settings, facts, new ProcFiles(folder), new FakeGuestHost(), () -> List.of(machine), "0");
    }
}
