package io.longhaul.controlplane.planning;

import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.problems.ProblemCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Makes the plan of a move, or says every reason against it. Pure. */
public final class Planner {

    /** Room for what the guest writes to new places while its disks are copied, and for the image's own tables. */
    private static final int SPACE_MARGIN_PERCENT = 10;

    private Planner() {}

    public static PlanOutcome plan(PlanRequest request) {
        List<Problem> reasons = new ArrayList<>();
        boolean sameHost = sameHost(request, reasons);
        state(request, reasons);
        if (!sameHost) {
            online(request.source(), reasons);
            online(request.destination(), reasons);
            maps(request, reasons);
            processor(request, reasons);
            destination(request, reasons);
        }
        if (!reasons.isEmpty()) {
            return new PlanOutcome.Refused(reasons);
        }
        return new PlanOutcome.Planned(definition(request), reservation(request));
    }

    private static boolean sameHost(PlanRequest request, List<Problem> reasons) {
        if (!request.source().name().equals(request.destination().name())) {
            return false;
        }
        reasons.add(ProblemCode.SAME_HOST
                .problem(request.machine().name() + " already is on "
                        + request.destination().name() + ".")
                .seen(request.destination().name())
                .expected("another host"));
        return true;
    }

    private static void state(PlanRequest request, List<Problem> reasons) {
        VmState state = request.machine().state();
        // UNKNOWN is its host's being offline, which is told by itself.
        if (state != VmState.RUNNING && state != VmState.UNKNOWN) {
            reasons.add(ProblemCode.VM_NOT_RUNNING
                    .problem(request.machine().name() + " is " + state + "; only a running machine can be moved.")
                    .seen(state.getValue())
                    .expected(VmState.RUNNING.getValue()));
        }
    }

    private static void online(HostSnapshot host, List<Problem> reasons) {
        if (!host.online()) {
            reasons.add(ProblemCode.AGENT_OFFLINE
                    .problem("The agent of " + host.name() + " is offline.")
                    .seen("OFFLINE")
                    .expected("ONLINE")
                    .host(host.name()));
        }
    }

    private static void maps(PlanRequest request, List<Problem> reasons) {
        VmDefinition definition = request.machine().definition();
        Set<String> pools = new HashSet<>();
        definition.getDisks().forEach(disk -> pools.add(disk.getPool()));
        Set<String> networks = new HashSet<>();
        definition.getNetworkInterfaces().forEach(network -> networks.add(network.getNetwork()));
        unused("pools", request.pools().keySet(), pools, reasons);
        unused("networks", request.networks().keySet(), networks, reasons);
        Set<String> disks =
                definition.getDisks().stream().map(DiskDefinition::getName).collect(Collectors.toSet());
        unused("policy.seeds", request.seededDisks(), disks, reasons);
    }

    /** A name that maps nothing is a slip of the pen that would be found only after the move. */
    private static void unused(String field, Set<String> mapped, Set<String> used, List<Problem> reasons) {
        Set<String> unused = new TreeSet<>(mapped);
        unused.removeAll(used);
        if (!unused.isEmpty()) {
            reasons.add(ProblemCode.INVALID_FIELD
                    .problem("The field " + field + " maps " + unused + ", which the machine does not use.")
                    .seen(unused.toString())
                    .expected("names out of " + new TreeSet<>(used)));
        }
    }

    private static void processor(PlanRequest request, List<Problem> reasons) {
        String cpuModel = request.machine().definition().getCpuModel();
        HostSnapshot destination = request.destination();
        if (!HostFitness.wholeProcessor(cpuModel)) {
            fitness(destination).lacksCpuModel(cpuModel).ifPresent(reasons::add);
            return;
        }
        difference(request.source().inventory(), destination.inventory())
                .ifPresent(difference -> reasons.add(ProblemCode.CPU_MODEL_UNAVAILABLE
                        .problem("The CPU model " + cpuModel + " is the whole processor of "
                                + request.source().name() + "; it can be had only where processor and QEMU are equal.")
                        .seen(difference)
                        .expected("no difference")
                        .host(destination.name())));
    }

    private static Optional<String> difference(HostInventory source, HostInventory destination) {
        if (!source.getHypervisorVersion().equals(destination.getHypervisorVersion())) {
            return Optional.of("QEMU " + source.getHypervisorVersion() + " and " + destination.getHypervisorVersion());
        }
        if (!source.getCpu().getModel().equals(destination.getCpu().getModel())) {
            return Optional.of(
                    source.getCpu().getModel() + " and " + destination.getCpu().getModel());
        }
        Set<String> flags = new TreeSet<>(source.getCpu().getFlags());
        Set<String> others = new TreeSet<>(destination.getCpu().getFlags());
        if (flags.equals(others)) {
            return Optional.empty();
        }
        Set<String> onlySource = new TreeSet<>(flags);
        onlySource.removeAll(others);
        others.removeAll(flags);
        return Optional.of("flags only at the source " + onlySource + ", only at the destination " + others);
    }

    private static void destination(PlanRequest request, List<Problem> reasons) {
        VmDefinition definition = request.machine().definition();
        HostFitness fitness = fitness(request.destination());
        fitness.lacksMachineType(definition.getMachineType(), false).ifPresent(reasons::add);
        definition.getNetworkInterfaces().stream()
                .map(network -> mapped(request.networks(), network.getNetwork()))
                .distinct()
                .forEach(network -> fitness.lacksNetwork(network).ifPresent(reasons::add));
        definition.getDisks().stream()
                .map(disk -> mapped(request.pools(), disk.getPool()))
                .distinct()
                .forEach(pool -> fitness.lacksPool(pool).ifPresent(reasons::add));
        long memoryReserved =
                request.reserved().stream().mapToLong(Reservation::memoryBytes).sum();
        fitness.lacksMemory(definition.getMemoryBytes(), memoryReserved).ifPresent(reasons::add);
        new TreeMap<>(reservation(request).poolBytes())
                .forEach((pool, bytes) ->
                        fitness.lacksSpace(pool, bytes, reserved(request, pool)).ifPresent(reasons::add));
    }

    private static HostFitness fitness(HostSnapshot host) {
        return new HostFitness(host.name(), host.inventory(), host.age());
    }

    private static long reserved(PlanRequest request, String pool) {
        return request.reserved().stream()
                .mapToLong(reservation -> reservation.poolBytes().getOrDefault(pool, 0L))
                .sum();
    }

    private static Reservation reservation(PlanRequest request) {
        Map<String, Long> allocated = new HashMap<>();
        request.machine().disks().forEach(disk -> allocated.put(disk.getName(), disk.getAllocatedBytes()));
        Map<String, Long> pools = new HashMap<>();
        for (DiskDefinition disk : request.machine().definition().getDisks()) {
            long bytes = allocated.getOrDefault(disk.getName(), 0L);
            pools.merge(mapped(request.pools(), disk.getPool()), bytes, Long::sum);
        }
        pools.replaceAll((pool, bytes) -> bytes + bytes / 100 * SPACE_MARGIN_PERCENT);
        return new Reservation(
                request.machine().definition().getMemoryBytes() + HostFitness.MEMORY_OVERHEAD_BYTES, pools);
    }

    private static VmDefinition definition(PlanRequest request) {
        VmDefinition definition = request.machine().definition();
        Map<String, Long> sizes = new HashMap<>();
        for (DiskState disk : request.machine().disks()) {
            sizes.put(disk.getName(), disk.getVirtualSizeBytes());
        }
        return new VmDefinition(definition.getName(), definition.getMemoryBytes())
                .vcpus(definition.getVcpus())
                .machineType(definition.getMachineType())
                .cpuModel(definition.getCpuModel())
                .boot(definition.getBoot())
                .disks(definition.getDisks().stream()
                        .map(disk -> new DiskDefinition(disk.getName())
                                .pool(mapped(request.pools(), disk.getPool()))
                                .format(disk.getFormat())
                                .sizeBytes(sizes.getOrDefault(disk.getName(), disk.getSizeBytes())))
                        .toList())
                .networkInterfaces(definition.getNetworkInterfaces().stream()
                        .map(network -> new NetworkInterface(mapped(request.networks(), network.getNetwork()))
                                .macAddress(network.getMacAddress()))
                        .toList())
                .labels(definition.getLabels())
                .serialLog(definition.getSerialLog())
                .guestProbe(definition.getGuestProbe());
    }

    private static String mapped(Map<String, String> map, String name) {
        return map.getOrDefault(name, name);
    }
}
