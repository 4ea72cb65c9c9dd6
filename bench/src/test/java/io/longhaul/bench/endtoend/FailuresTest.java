package io.longhaul.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.longhaul.bench.cluster.LocalProcesses;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Problem;
import io.longhaul.client.model.VmState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("qemu")
class FailuresTest {
    private static final int MEBIBYTE = 1 << 20;

    @RegisterExtension
    static final RunningCluster CLUSTER = new RunningCluster();

    private final Machines machines = new Machines(CLUSTER);

    @Test
    void aKilledDestinationAgentLeavesTheGuestAtTheSource() throws Exception {
        machines.healthyGuest("guest");
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
        Migration copying = slowMoveThatCopiesDisks();

        CLUSTER.cluster().agent(RunningCluster.DESTINATION).kill();
        CLUSTER.cluster().agent(RunningCluster.DESTINATION).start();

        requireFailed(copying.getId());
        machines.requireHealthyOn("guest", RunningCluster.SOURCE);
        CLUSTER.cluster().awaitOnline(RunningCluster.DESTINATION);
        requireSameButForPorts(RunningCluster.DESTINATION, destinationBefore);
    }

    @Test
    void aKilledSourceAgentDoesNotHurtTheGuest() throws Exception {
        machines.healthyGuest("guest");
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
        Migration copying = slowMoveThatCopiesDisks();

        CLUSTER.cluster().agent(RunningCluster.SOURCE).kill();
        CLUSTER.cluster().agent(RunningCluster.SOURCE).start();

        requireFailed(copying.getId());
        CLUSTER.cluster().awaitOnline(RunningCluster.SOURCE);
        machines.requireHealthyOn("guest", RunningCluster.SOURCE);
        machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
    }

    @Test
    void aMigrationGoesOnWhileTheControlPlaneIsAway() throws Exception {
        machines.healthyGuest("guest");
        Migration copying = slowMoveThatCopiesDisks();

        CLUSTER.cluster().controlPlane().kill();
        CLUSTER.cluster().controlPlane().start();
        CLUSTER.cluster().awaitOnline();

        Migration ended = CLUSTER.follower().awaitEnd(copying.getId());
        assertThat(ended.getState()).as("problem: %s", ended.getProblem()).isEqualTo(MigrationState.COMPLETED);
        machines.requireHealthyOn("guest", RunningCluster.DESTINATION);
    }

    @Test
    void aQemuThatDiesAtTheDestinationLeavesTheGuestAtTheSource() throws Exception {
        machines.healthyGuest("guest");
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
        Migration copying = slowMoveThatCopiesDisks();

        LocalProcesses.kill(CLUSTER.cluster().guests(RunningCluster.DESTINATION));

        assertThat(requireFailed(copying.getId()).getCode()).isEqualTo("DESTINATION_HYPERVISOR_FAILED");
        machines.requireHealthyOn("guest", RunningCluster.SOURCE);
        machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
    }

    @Test
    void aGuestThatDiesAtTheSourceEndsTheMigrationAndLeavesNothing() throws Exception {
        machines.healthyGuest("guest");
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
        Migration copying = slowMoveThatCopiesDisks();

        LocalProcesses.kill(CLUSTER.cluster().guests(RunningCluster.SOURCE));

        assertThat(requireFailed(copying.getId()).getCode()).isEqualTo("GUEST_DIED");
        machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
        Waiting.until(
                "the machine to be FAILED",
                Duration.ofSeconds(10),
                () -> stateOf("guest") == VmState.FAILED,
                () -> stateOf("guest").toString());
    }

    /** Needs a file system of its own to fill, so: root. */
    @Test
    void aDestinationDiskThatFillsUpLeavesTheGuestAtTheSource() throws Exception {
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
        Path pool = CLUSTER.cluster().settings().poolFolder(RunningCluster.DESTINATION);
        run("mount", "-t", "tmpfs", "-o", "size=96m", "longhaul-test", pool.toString());
        try {
            machines.healthyGuest("guest");
            HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
            awaitPoolSize(96L * MEBIBYTE);
            Migration copying = slowMoveThatCopiesDisks();
            Path filler = pool.resolve("filler");
            fill(filler);

            assertThat(requireFailed(copying.getId()).getCode()).isEqualTo("DESTINATION_DISK_FULL");
            Files.delete(filler);
            machines.requireHealthyOn("guest", RunningCluster.SOURCE);
            machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
        } finally {
            run("umount", "--lazy", pool.toString());
        }
    }

    private Migration slowMoveThatCopiesDisks() throws ApiException {
        CreateMigration request = Machines.slowMoveOf("guest");
        Migration started = machines.start(request);
        Migration copying = CLUSTER.follower().awaitState(started.getId(), MigrationState.COPYING_DISKS);
        assertThat(copying.getState()).as("problem: %s", copying.getProblem()).isEqualTo(MigrationState.COPYING_DISKS);
        return copying;
    }

    private static Problem requireFailed(String migrationId) throws ApiException {
        Migration ended = CLUSTER.follower().awaitEnd(migrationId);
        assertThat(ended.getState()).isEqualTo(MigrationState.FAILED);
        Problem problem = Objects.requireNonNull(ended.getProblem(), "a failed migration has a problem");
        assertThat(problem.getDetail()).isNotBlank();
        assertThat(problem.getAction()).isNotBlank();
        return problem;
    }

    /** A restarted agent listens on another port for transfers. */
    private void requireSameButForPorts(String host, HostTraces before) {
        Waiting.until(
                "nothing to be left on " + host + ", as before: " + before,
                Duration.ofSeconds(20),
                () -> {
                    HostTraces now = machines.traces(host);
                    return now.files().equals(before.files())
                            && now.processes().equals(before.processes())
                            && now.listening().size() == before.listening().size();
                },
                () -> machines.traces(host).toString());
    }

    private VmState stateOf(String name) {
        try {
            return machines.get(name).getState();
        } catch (ApiException e) {
            throw new AssertionError(e);
        }
    }

    /** The control plane learns of the small pool with a heartbeat. */
    private static void awaitPoolSize(long totalBytes) {
        Waiting.until(
                "the pool to be reported with " + totalBytes + " bytes",
                Duration.ofSeconds(20),
                () -> poolSize() == totalBytes,
                () -> Long.toString(poolSize()));
    }

    private static long poolSize() {
        try {
            return CLUSTER.api()
                    .hosts()
                    .getHost(RunningCluster.DESTINATION)
                    .getInventory()
                    .getPools()
                    .get(0)
                    .getTotalBytes();
        } catch (ApiException e) {
            throw new AssertionError(e);
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] some = new byte[MEBIBYTE / 4];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as("exit status of %s", Map.of("command", String.join(" ", command)))
                .isZero();
    }
}
