package io.longhaul.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.bench.api.PublicApi;
import io.longhaul.bench.guest.CheckedGuest;
import io.longhaul.bench.guest.GuestFiles;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.CreateVm;
import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.DiskFormat;
import io.longhaul.client.model.GuestProbe;
import io.longhaul.client.model.GuestProbeState;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationPolicy;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Receipt;
import io.longhaul.client.model.Vm;
import io.longhaul.client.model.VmDefinition;
import io.longhaul.client.model.VmState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes machines in a cluster, moves them, and says how they are. Used by JUnit's thread only. */
final class Machines {
    /** A small guest that changes little: a move converges at the rate of a slow one, and two cores emulate several. */
    private static final Map<String, Integer> SMALL_LOAD =
            Map.of("memory", 16, "pages", 100, "disk", 16, "writes", 4, "pause", 200);

    private static final Map<String, Integer> SMALL_LOAD_WITHOUT_DISK =
            Map.of("memory", 16, "pages", 100, "disk", 0, "pause", 200);

    private static final int MEMORY_MEBIBYTES = 160;
    private static final long MEBIBYTE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final RunningCluster running;

    Machines(RunningCluster running) {
        this.running = running;
    }

    /** A guest with one raw disk, which has checked itself on the source. */
    Vm healthyGuest(String name) throws Exception {
        return healthyGuest(name, SMALL_LOAD, List.of(adoptedDisk(name, DiskFormat.RAW)));
    }

    Vm healthyGuestWithoutDisk(String name) throws Exception {
        return healthyGuest(name, SMALL_LOAD_WITHOUT_DISK, List.of());
    }

    Vm healthyGuest(String name, List<DiskDefinition> disks) throws Exception {
        return healthyGuest(name, SMALL_LOAD, disks);
    }

    private Vm healthyGuest(String name, Map<String, Integer> load, List<DiskDefinition> disks) throws Exception {
        VmDefinition definition = new CheckedGuest(name, MEMORY_MEBIBYTES, disks, load).definition(guestFiles());
        create(definition);
        api().vms().startVm(name);
        awaitChecks(name, 1);
        return get(name);
    }

    /** A machine with nothing to boot from: it is up in a moment, and for many questions as good as any. */
    Vm emptyMachine(String name) throws ApiException {
        return emptyMachine(new VmDefinition().name(name).memoryBytes(32 * MEBIBYTE));
    }

    Vm emptyMachine(VmDefinition definition) throws ApiException {
        create(definition);
        return api().vms().startVm(definition.getName());
    }

    Vm create(VmDefinition definition) throws ApiException {
        return api().vms().createVm(new CreateVm().host(RunningCluster.SOURCE).definition(definition), null);
    }

    /** Copies the guest's disk into the source's pool, thin. */
    DiskDefinition adoptedDisk(String name, DiskFormat format) throws IOException, InterruptedException {
        String file = name + (format == DiskFormat.RAW ? ".raw" : ".qcow2");
        Path pool = running.cluster().settings().poolFolder(RunningCluster.SOURCE);
        String[] command = format == DiskFormat.RAW
                ? new String[] {"cp", "--sparse=always"}
                : new String[] {"qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2"};
        ProcessBuilder copy = new ProcessBuilder(command).inheritIO();
        copy.command().add(guestFiles().disk().toString());
        copy.command().add(pool.resolve(file).toString());
        assertThat(copy.start().waitFor())
                .as("exit status of %s", copy.command())
                .isZero();
        return new DiskDefinition().name("root").format(format).existingFile(file);
    }

    private static GuestFiles guestFiles() {
        String folder = System.getProperty("longhaul.guest.folder", "");
        assertThat(folder)
                .as("longhaul.guest.folder: where agent/testkit/guest/build put the guest; ./test sets it")
                .isNotEmpty();
        return GuestFiles.in(Path.of(folder));
    }

    Migration start(CreateMigration request) throws ApiException {
        return api().migrations().createMigration(request, null);
    }

    static CreateMigration moveOf(String vm, String destination) {
        return new CreateMigration().vm(vm).destination(destination);
    }

    /** Copies the disk for some five seconds and the memory for some fifteen: time to do something meanwhile. */
    static CreateMigration slowMoveOf(String vm) {
        return moveOf(vm, RunningCluster.DESTINATION).policy(new MigrationPolicy().maxBytesPerSecond(4 * MEBIBYTE));
    }

    /** Moves the machine and demands all that a good move has. */
    Receipt moveWell(CreateMigration request) throws ApiException {
        Migration ended = running.follower().awaitEnd(start(request).getId());
        assertThat(ended.getState()).as("problem: %s", ended.getProblem()).isEqualTo(MigrationState.COMPLETED);
        Receipt receipt = ended.getReceipt();
        assertThat(receipt).isNotNull();
        assertThat(receipt.getState()).isEqualTo(MigrationState.COMPLETED);
        assertThat(receipt.getGuestHealthy()).as("guestHealthy").isTrue();
        assertThat(receipt.getDowntimeMillis()).as("downtimeMillis").isNotNull().isNotNegative();
        assertThat(receipt.getGuestDowntimeMillis())
                .as("guestDowntimeMillis")
                .isNotNull()
                .isPositive();
        assertThat(receipt.getBytesOnWire()).as("bytesOnWire").isPositive();
        assertThat(receipt.getMemoryBytes()).as("memoryBytes").isPositive();
        assertThat(receipt.getDurationMillis()).as("durationMillis").isPositive();
        assertThat(get(request.getVm()).getHost()).isEqualTo(request.getDestination());
        return receipt;
    }

    /** The machine runs on the host and finds its memory and disk right, now and not only before. */
    void requireHealthyOn(String name, String host) throws ApiException {
        long passed = get(name).getGuestProbe().getChecksPassed();
        awaitChecks(name, passed + 2); // the pass that was under way when we asked does not count
        Vm vm = get(name);
        assertThat(vm.getHost()).isEqualTo(host);
        assertThat(vm.getState()).isEqualTo(VmState.RUNNING);
    }

    private void awaitChecks(String name, long atLeast) {
        Waiting.until(
                atLeast + " passed checks of " + name,
                PATIENCE,
                () -> {
                    GuestProbe probe = probe(name);
                    assertThat(probe.getState()).as("probe of %s", name).isNotEqualTo(GuestProbeState.UNHEALTHY);
                    return probe.getState() == GuestProbeState.HEALTHY && probe.getChecksPassed() >= atLeast;
                },
                () -> probe(name).toString());
    }

    private GuestProbe probe(String name) {
        try {
            return get(name).getGuestProbe();
        } catch (ApiException e) {
            throw new AssertionError("The machine " + name + " cannot be asked for: " + e.getMessage(), e);
        }
    }

    Vm get(String name) throws ApiException {
        return api().vms().getVm(name);
    }

    HostTraces traces(String host) {
        return HostTraces.of(running.cluster(), host, List.of());
    }

    /** Nothing more is on the host than was before; the last bit of tidying may come after the state. */
    void requireTraces(String host, HostTraces before) {
        Waiting.until(
                "nothing to be left on " + host + ", as before: " + before,
                Duration.ofSeconds(20),
                () -> traces(host).equals(before),
                () -> traces(host).toString());
    }

    private PublicApi api() {
        return running.api();
    }
}
