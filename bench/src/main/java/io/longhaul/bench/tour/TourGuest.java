package io.longhaul.bench.tour;

import io.longhaul.bench.api.PublicApi;
import io.longhaul.bench.cluster.ClusterException;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.bench.guest.CheckedGuest;
import io.longhaul.bench.guest.GuestFiles;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateVm;
import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.GuestProbeState;
import io.longhaul.client.model.Vm;
import io.longhaul.client.model.VmState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The machine that the tour moves. Owned by the tour's thread; stop() may come from another. */
final class TourGuest {
    static final String NAME = "tour";

    private static final String DISK_FILE = "tour.raw";
    private static final int MEMORY_MEBIBYTES = 256;
    private static final int NOT_FOUND = 404;

    /** An emulated guest boots in 5 s on an idle core; a busy machine takes its time. */
    private static final Duration HEALTHY_DEADLINE = Duration.ofMinutes(3);

    private final LonghaulCluster cluster;
    private @Nullable GuestFiles files;

    TourGuest(LonghaulCluster cluster) {
        this.cluster = cluster;
    }

    /** Builds the guest and puts its disk into the source's pool. */
    void build(Path checkout) {
        Path folder = cluster.settings().dataFolder().resolve("guest");
        GuestFiles built = GuestFiles.build(
                checkout, folder, cluster.settings().logFolder().resolve("guest-build.log"));
        Path pool = cluster.settings().poolFolder(Tour.SOURCE);
        Folders.make(pool);
        try {
            Files.move(built.disk(), pool.resolve(DISK_FILE), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ClusterException("The guest's disk could not be put into " + pool + ": " + e.getMessage(), e);
        }
        files = built;
    }

    /** With --data, the guest of the run before is known to the control plane. */
    void removeEarlierOne() throws ApiException {
        if (find() != null) {
            cluster.api().vms().stopVm(NAME, true);
            cluster.api().vms().deleteVm(NAME);
        }
    }

    void createAndStart() throws ApiException {
        DiskDefinition disk = new DiskDefinition().name("root").existingFile(DISK_FILE);
        CheckedGuest guest = new CheckedGuest(NAME, MEMORY_MEBIBYTES, List.of(disk), Map.of());
        if (files == null) {
            throw new IllegalStateException("the guest is not built");
        }
        CreateVm request = new CreateVm().host(Tour.SOURCE).definition(guest.definition(files));
        cluster.api().vms().createVm(request, null);
        cluster.api().vms().startVm(NAME);
    }

    /** Returns when the guest has checked all of its memory and its disk once. */
    void awaitHealthy() throws ApiException {
        long deadlineNanos = System.nanoTime() + HEALTHY_DEADLINE.toNanos();
        while (true) {
            Vm vm = cluster.api().vms().getVm(NAME);
            GuestProbeState probe = vm.getGuestProbe().getState();
            if (probe == GuestProbeState.HEALTHY) {
                return;
            }
            boolean lost = vm.getState() == VmState.FAILED || probe == GuestProbeState.UNHEALTHY;
            if (lost || System.nanoTime() > deadlineNanos) {
                throw new ClusterException("The guest does not work: the machine is " + vm.getState() + ", its probe "
                        + probe + ". The end of what it wrote:\n"
                        + cluster.api().vms().getSerialLog(NAME, 2000));
            }
            cluster.pause();
        }
    }

    /** Cuts the guest's power; where that fails, the cluster ends it with its servers. */
    void stop() {
        try (PublicApi impatient = new PublicApi(cluster.api().url(), Duration.ofSeconds(10))) {
            impatient.vms().stopVm(NAME, true);
        } catch (ApiException e) {
            // There is none, or nobody answers: nothing to stop in order.
        }
    }

    private @Nullable Vm find() throws ApiException {
        try {
            return cluster.api().vms().getVm(NAME);
        } catch (ApiException e) {
            if (e.getCode() == NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}
