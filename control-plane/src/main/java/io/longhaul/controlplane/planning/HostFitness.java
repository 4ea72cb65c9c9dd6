package io.longhaul.controlplane.planning;

import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.HostNetwork;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.StoragePool;
import io.longhaul.controlplane.problems.ProblemCode;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether one host can run a machine: one question a method, an answer only where it cannot. Immutable. */
public final class HostFitness {

    /** QEMU's own needs beside the guest's memory: code, device state, video memory, buffers. */
    public static final long MEMORY_OVERHEAD_BYTES = 256L << 20;

    private static final Set<String> WHOLE_PROCESSOR_MODELS = Set.of("host", "max");
    private static final String NEWEST_Q35 = "q35";
    private static final String NEWEST_PC = "pc";

    private final String host;
    private final HostInventory inventory;
    private final Duration age;

    /** @param age of the inventory, told with every figure that may have changed since */
    public HostFitness(String host, HostInventory inventory, Duration age) {
        this.host = host;
        this.inventory = inventory;
        this.age = age;
    }

    /** The model without the features added to it or taken from it. */
    public static String model(String cpuModel) {
        return cpuModel.split("[,+]", 2)[0].strip();
    }

    public static boolean wholeProcessor(String cpuModel) {
        return WHOLE_PROCESSOR_MODELS.contains(model(cpuModel));
    }

    /** For a host where the machine is made: `host` and `max` are whatever it has. */
    public Optional<Problem> lacksCpuModel(String cpuModel) {
        if (wholeProcessor(cpuModel) || inventory.getCpu().getUsableModels().contains(model(cpuModel))) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.CPU_MODEL_UNAVAILABLE,
                "The processor of " + host + " (" + inventory.getCpu().getModel() + ") cannot give the CPU model "
                        + model(cpuModel) + ".",
                cpuModel,
                "one of " + sorted(inventory.getCpu().getUsableModels()));
    }

    /** @param aliasAllowed whether a name without a version will do, which the agent then makes exact */
    public Optional<Problem> lacksMachineType(String machineType, boolean aliasAllowed) {
        List<String> offered = inventory.getMachineTypes();
        if (offered.contains(machineType) || aliasAllowed && aliasOffered(machineType, offered)) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.MACHINE_TYPE_UNAVAILABLE,
                "QEMU " + inventory.getHypervisorVersion() + " of " + host + " does not offer the machine type "
                        + machineType + ".",
                machineType,
                "one of " + sorted(offered));
    }

    public Optional<Problem> lacksNetwork(String network) {
        List<String> names =
                inventory.getNetworks().stream().map(HostNetwork::getName).toList();
        if (names.contains(network)) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.NETWORK_UNAVAILABLE,
                host + " has no network named " + network + ".",
                network,
                "one of " + sorted(names));
    }

    public Optional<Problem> lacksPool(String pool) {
        if (pool(pool).isPresent()) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.POOL_UNAVAILABLE,
                host + " has no storage pool named " + pool + ".",
                pool,
                "one of "
                        + sorted(inventory.getPools().stream()
                                .map(StoragePool::getName)
                                .toList()));
    }

    /** @param reservedBytes promised to others and not yet shown in the host's figures */
    public Optional<Problem> lacksMemory(long guestBytes, long reservedBytes) {
        long needed = guestBytes + MEMORY_OVERHEAD_BYTES;
        long free = inventory.getMemoryFreeBytes() - reservedBytes;
        if (needed <= free) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.INSUFFICIENT_MEMORY,
                host + " had " + mebibytes(free) + " of memory free " + ago() + "; the machine needs "
                        + mebibytes(needed) + ".",
                free + " bytes free " + ago() + reserved(reservedBytes),
                "at least " + needed + " bytes free");
    }

    /** Says nothing about a pool the host does not have: that is another problem. */
    public Optional<Problem> lacksSpace(String pool, long neededBytes, long reservedBytes) {
        Optional<StoragePool> known = pool(pool);
        long free = known.map(StoragePool::getFreeBytes).orElse(Long.MAX_VALUE) - reservedBytes;
        if (known.isEmpty() || neededBytes <= free) {
            return Optional.empty();
        }
        return refusal(
                ProblemCode.INSUFFICIENT_DISK_SPACE,
                "Pool " + pool + " of " + host + " had " + mebibytes(free) + " free " + ago() + "; the disks need "
                        + mebibytes(neededBytes) + ".",
                free + " bytes free " + ago() + reserved(reservedBytes),
                "at least " + neededBytes + " bytes free");
    }

    private Optional<StoragePool> pool(String name) {
        return inventory.getPools().stream()
                .filter(pool -> pool.getName().equals(name))
                .findAny();
    }

    private Optional<Problem> refusal(ProblemCode code, String detail, String seen, String expected) {
        return Optional.of(code.problem(detail).seen(seen).expected(expected).host(host));
    }

    private static boolean aliasOffered(String alias, List<String> offered) {
        return switch (alias) {
            case NEWEST_Q35 -> offered.stream().anyMatch(type -> type.startsWith("pc-q35-"));
            case NEWEST_PC -> offered.stream().anyMatch(type -> type.startsWith("pc-i440fx-"));
            default -> offered.stream().anyMatch(type -> type.startsWith(alias + "-"));
        };
    }

    /** What was freed or taken since the host's last report is not known here. */
    private String ago() {
        return "by its report of " + Math.max(0, age.toMillis()) + " ms ago";
    }

    private static String reserved(long bytes) {
        return bytes == 0 ? "" : ", " + bytes + " reserved for other migrations";
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private static TreeSet<String> sorted(Collection<String> names) {
        return new TreeSet<>(names);
    }
}
