package io.longhaul.controlplane.execution;

import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.planning.HostSnapshot;
import io.longhaul.controlplane.planning.PlanRequest;
import io.longhaul.controlplane.planning.Reservation;
import io.longhaul.controlplane.progress.ProgressBoard;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.vms.KnownVm;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Gathers what a plan depends on, as it is now. Thread safe. */
@Component
class PlanInputs {

    private static final List<MigrationPhase> UNDER_WAY = Arrays.stream(MigrationPhase.values())
            .filter(MigrationPhase::running)
            .toList();

    private final MigrationRepository repository;
    private final Hosts hosts;
    private final ProgressBoard board;
    private final Json json;

    PlanInputs(MigrationRepository repository, Hosts hosts, ProgressBoard board, Json json) {
        this.repository = repository;
        this.hosts = hosts;
        this.board = board;
        this.json = json;
    }

    PlanRequest request(
            KnownVm vm,
            String destination,
            Map<String, String> pools,
            Map<String, String> networks,
            @Nullable MigrationPolicy policy) {
        return new PlanRequest(
                vm.machine(),
                snapshot(hosts.require(vm.host())),
                snapshot(hosts.require(destination)),
                pools,
                networks,
                policy == null || policy.getSeeds() == null
                        ? Set.of()
                        : policy.getSeeds().keySet(),
                repository.findByPhaseIn(UNDER_WAY).stream()
                        .filter(migration -> migration.destination.equals(destination))
                        .map(this::reserved)
                        .toList());
    }

    /** The host's own figures show the memory once its hypervisor is up, and the disks as far as they are copied. */
    private Reservation reserved(MigrationEntity migration) {
        if (migration.reservation == null || migration.phase == MigrationPhase.COMPLETING) {
            return Reservation.NOTHING;
        }
        double done = board.of(migration.id)
                .filter(progress -> progress.getDiskBytesTotal() > 0)
                .map(progress -> Math.min(1.0, (double) progress.getDiskBytesDone() / progress.getDiskBytesTotal()))
                .orElse(0.0);
        return json.read(migration.reservation, Reservation.class).remaining(migration.outgoingOrdered, done);
    }

    private static HostSnapshot snapshot(KnownHost host) {
        return new HostSnapshot(host.name(), host.online(), host.inventory(), host.age());
    }
}
