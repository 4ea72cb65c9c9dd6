package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.DiskDigest;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.CreateVm;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.Vm;
import io.longhaul.api.model.VmDefinition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The steps of a move from host-a to host-b, said by the fake agents one at a time. Owned by the test's thread. */
final class Tour {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final RunningControlPlane controlPlane;
    final FakeAgent source;
    final FakeAgent destination;
    final Vm vm;
    final String id;

    private Tour(RunningControlPlane controlPlane, FakeAgent source, FakeAgent destination, Vm vm, String id) {
        this.controlPlane = controlPlane;
        this.source = source;
        this.destination = destination;
        this.vm = vm;
        this.id = id;
    }

    static Tour begin(RunningControlPlane controlPlane, FakeAgent source, FakeAgent destination) {
        return begin(controlPlane, source, destination, new MigrationPolicy());
    }

    static Tour begin(
            RunningControlPlane controlPlane, FakeAgent source, FakeAgent destination, MigrationPolicy policy) {
        Vm vm = machine(controlPlane, true);
        var answer = controlPlane.post(
                "/v1/migrations", new CreateMigration(vm.getDefinition().getName(), "host-b").policy(policy));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return new Tour(
                controlPlane,
                source,
                destination,
                vm,
                answer.as(Migration.class).getId());
    }

    static Vm machine(RunningControlPlane controlPlane, boolean start) {
        var answer = controlPlane.post(
                "/v1/vms", new CreateVm("host-a", definition("guest-" + NAMES.incrementAndGet())).start(start));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.as(Vm.class);
    }

    static CreateVm definitionRequest(String name) {
        return new CreateVm("host-a", definition(name));
    }

    static VmDefinition definition(String name) {
        return new VmDefinition(name, 256L << 20)
                .disks(List.of(new DiskDefinition("root").sizeBytes(1L << 30)))
                .networkInterfaces(List.of(new NetworkInterface("user")));
    }

    /** Goes on until the migration has reached the state, by the shortest way. */
    Tour until(MigrationState state) {
        if (state == MigrationState.PREPARING) {
            awaitTrue(() -> destination.knows(id));
            return await(MigrationState.PREPARING);
        }
        until(MigrationState.PREPARING);
        destination.phase(id, SidePhase.PREPARED);
        awaitTrue(() -> source.knows(id));
        for (SidePhase phase : List.of(SidePhase.COPYING_DISKS, SidePhase.COPYING_MEMORY, SidePhase.SWITCHING_OVER)) {
            source.phase(id, phase);
            await(MigrationState.valueOf(phase.name()));
            if (state.name().equals(phase.name())) {
                return this;
            }
        }
        taken();
        return await(MigrationState.COMPLETING);
    }

    void taken() {
        source.phase(id, SidePhase.GRANTED);
        source.vms.remove(vm.getId());
        destination.phase(id, SidePhase.TAKEN);
        source.phase(id, SidePhase.RELEASED);
    }

    /** Both sides finish, with digests that are equal or not. */
    void finish(boolean identical) {
        finish(
                source,
                new SideMeasurements()
                        .guestPausedAtMillis(1_000L)
                        .peerClockOffsetMillis(50.0)
                        .bytesOnWire(4_096L)
                        .addDiskDigestsItem(new DiskDigest("root", 1L << 30, "aa")));
        finish(
                destination,
                new SideMeasurements()
                        .guestRunningAtMillis(1_150L)
                        .guestHealthy(true)
                        .addDiskDigestsItem(new DiskDigest("root", 1L << 30, identical ? "aa" : "bb")));
    }

    private void finish(FakeAgent agent, SideMeasurements measurements) {
        MigrationReport old = agent.side(id);
        agent.tell(agent.copy(old).phase(SidePhase.COMPLETED).measurements(measurements), old);
    }

    Tour await(MigrationState state) {
        awaitTrue(() -> migration().getState() == state);
        return this;
    }

    Migration migration() {
        return controlPlane.get("/v1/migrations/" + id).as(Migration.class);
    }

    Vm vmNow() {
        return controlPlane.get("/v1/vms/" + vm.getId()).as(Vm.class);
    }

    RunningControlPlane.Answer cancel() {
        return controlPlane.call("POST", "/v1/migrations/" + id + "/cancel", null);
    }

    static void awaitTrue(java.util.concurrent.Callable<Boolean> condition) {
        org.awaitility.Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }
}
