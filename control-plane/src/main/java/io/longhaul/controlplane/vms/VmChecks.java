package io.longhaul.controlplane.vms;

import io.longhaul.api.model.BootDefinition;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.planning.HostFitness;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a definition by itself and against the host it is to be made on. Pure. */
final class VmChecks {

    private static final int SECTOR_BYTES = 512;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private VmChecks() {}

    /** @throws ProblemException for the first thing that is not right */
    static void definition(VmDefinition definition) {
        requirePresent(definition);
        name(definition.getName());
        text("definition.machineType", definition.getMachineType());
        text("definition.cpuModel", definition.getCpuModel());
        noNulls("definition.labels", definition.getLabels().values());
        disks(definition.getDisks());
        networkInterfaces(definition.getNetworkInterfaces());
        BootDefinition boot = definition.getBoot();
        if (boot != null) {
            boot(boot);
        }
    }

    /** @throws ProblemException for the first thing the host lacks */
    static void host(VmDefinition definition, KnownHost known, boolean start) {
        String host = known.name();
        HostInventory inventory = known.inventory();
        HostFitness fitness = new HostFitness(host, inventory, known.age());
        refuse(fitness.lacksMachineType(definition.getMachineType(), true));
        refuse(fitness.lacksCpuModel(definition.getCpuModel()));
        for (DiskDefinition disk : definition.getDisks()) {
            refuse(fitness.lacksPool(disk.getPool()));
        }
        for (NetworkInterface network : definition.getNetworkInterfaces()) {
            refuse(fitness.lacksNetwork(network.getNetwork()));
        }
        if (start) {
            refuse(fitness.lacksMemory(definition.getMemoryBytes(), 0));
        } else if (definition.getMemoryBytes() + HostFitness.MEMORY_OVERHEAD_BYTES > inventory.getMemoryTotalBytes()) {
            throw new ProblemException(ProblemCode.INSUFFICIENT_MEMORY
                    .problem(host + " never has the memory that the machine needs.")
                    .seen(inventory.getMemoryTotalBytes() + " bytes in all")
                    .expected(
                            "at least " + (definition.getMemoryBytes() + HostFitness.MEMORY_OVERHEAD_BYTES) + " bytes")
                    .host(host));
        }
    }

    /** Paths name a machine by its name or its id; a name that could be an id would make that ambiguous. */
    private static void name(String name) {
        if (ID.matcher(name).matches()) {
            throw invalid("definition.name has the form of an id.", name, "a name that is not a UUID");
        }
    }

    private static void disks(List<DiskDefinition> disks) {
        noNulls("definition.disks", disks);
        Set<String> names = new HashSet<>();
        for (DiskDefinition disk : disks) {
            disk(disk);
            if (!names.add(disk.getName())) {
                throw invalid(
                        "definition.disks names " + disk.getName() + " twice.", disk.getName(), "names that differ");
            }
        }
    }

    private static void networkInterfaces(List<NetworkInterface> interfaces) {
        noNulls("definition.networkInterfaces", interfaces);
        Set<String> addresses = new HashSet<>();
        for (NetworkInterface network : interfaces) {
            text("definition.networkInterfaces.network", network.getNetwork());
            String address = network.getMacAddress();
            if (address != null && !addresses.add(address)) {
                throw invalid(
                        "definition.networkInterfaces has the macAddress " + address + " twice.",
                        address,
                        "addresses that differ");
            }
        }
    }

    private static void boot(BootDefinition boot) {
        file("definition.boot.firmware", boot.getFirmware());
        file("definition.boot.kernel", boot.getKernel());
        file("definition.boot.initrd", boot.getInitrd());
        text("definition.boot.commandLine", boot.getCommandLine());
        if (boot.getKernel() == null && (boot.getInitrd() != null || boot.getCommandLine() != null)) {
            throw invalid(
                    "definition.boot has an initrd or a command line and no kernel to give them to.",
                    "no kernel",
                    "boot.kernel");
        }
    }

    /** An agent's working folder is nobody's business, so nothing may be relative to it. */
    private static void file(String field, @Nullable String path) {
        text(field, path);
        if (path != null && !path.startsWith("/")) {
            throw invalid(field + " is not an absolute path.", path, "a path on the host that begins with /");
        }
    }

    /** What ends a text for the operating system and for QEMU cannot be inside of one. */
    private static void text(String field, @Nullable String text) {
        if (text != null && text.indexOf('\0') >= 0) {
            throw invalid(
                    field + " has a NUL character in it.",
                    text.replace("\0", "\\u0000"),
                    "text without NUL characters");
        }
    }

    private static void noNulls(String field, Collection<?> values) {
        if (values.stream().anyMatch(Objects::isNull)) {
            throw invalid(field + " has an entry that is null.", "null", "entries that are not null");
        }
    }

    private static void disk(DiskDefinition disk) {
        boolean made = disk.getSizeBytes() != null;
        boolean adopted = disk.getExistingFile() != null;
        String field = "Disk " + disk.getName();
        text(field + ": existingFile", disk.getExistingFile());
        text(field + ": pool", disk.getPool());
        if (made == adopted) {
            throw invalid(
                    field + " needs exactly one of sizeBytes and existingFile.",
                    made ? "both" : "neither",
                    "sizeBytes for a new disk or existingFile for one that is there");
        }
        if (made && disk.getSizeBytes() % SECTOR_BYTES != 0) {
            throw invalid(
                    field + " has a sizeBytes that is no whole number of sectors.",
                    disk.getSizeBytes() + "",
                    "a multiple of 512");
        }
        if (disk.getPool() == null || disk.getFormat() == null) {
            throw invalid(field + " has a null field.", "null", "a value, or no such field");
        }
    }

    /** A field with a default may be left out; an explicit null is a mistake that must not become a default silently. */
    private static void requirePresent(VmDefinition definition) {
        List<Object> unused = java.util.stream.Stream.<java.util.function.Supplier<Object>>of(
                        definition::getVcpus,
                        definition::getMachineType,
                        definition::getCpuModel,
                        definition::getDisks,
                        definition::getNetworkInterfaces,
                        definition::getLabels,
                        definition::getSerialLog,
                        definition::getGuestProbe)
                .map(field -> Optional.ofNullable(field.get())
                        .orElseThrow(() ->
                                invalid("definition has a field that is null.", "null", "a value, or no such field")))
                .toList();
    }

    private static void refuse(Optional<Problem> problem) {
        problem.ifPresent(reason -> {
            throw new ProblemException(reason);
        });
    }

    private static ProblemException invalid(String detail, String seen, String expected) {
        return ProblemCode.INVALID_FIELD.exception(detail, seen, expected);
    }
}
