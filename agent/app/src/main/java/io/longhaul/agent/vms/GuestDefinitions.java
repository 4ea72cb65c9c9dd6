package io.longhaul.agent.vms;

import io.longhaul.api.agent.model.BootFileKind;
import io.longhaul.api.model.BootDefinition;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Translates records into what the hypervisor runs and what the API shows. Thread safe. */
public final class GuestDefinitions {
    private final Definitions definitions;
    private final BootFileStore bootFiles;

    public GuestDefinitions(Definitions definitions, BootFileStore bootFiles) {
        this.definitions = definitions;
        this.bootFiles = bootFiles;
    }

    /** The machine as the hypervisor runs it. */
    public GuestDefinition of(VmRecord machine) {
        VmDefinition definition = machine.definition();
        return new GuestDefinition(
                machine.id(),
                definition.getName(),
                definition.getVcpus(),
                definition.getMemoryBytes(),
                definition.getMachineType(),
                definition.getCpuModel(),
                boot(machine),
                machine.disks().stream()
                        .map(disk -> new GuestDefinition.Disk(
                                disk.name(), disk.path(), format(disk.format()), disk.sizeBytes()))
                        .toList(),
                definition.getNetworkInterfaces().stream()
                        .map(one -> new GuestDefinition.NetworkInterface(
                                Objects.requireNonNull(one.getMacAddress()), definitions.bridge(one.getNetwork())))
                        .toList(),
                Optional.ofNullable(machine.serialLog()).map(Path::of));
    }

    /** The definition with the files this host really uses. */
    public VmDefinition withOwnFiles(
            VmDefinition exact, List<VmRecord.StoredDisk> disks, List<VmRecord.StoredBootFile> boot) {
        VmDefinition own = new VmDefinition(exact.getName(), exact.getMemoryBytes());
        own.setVcpus(exact.getVcpus());
        own.setMachineType(exact.getMachineType());
        own.setCpuModel(exact.getCpuModel());
        own.setNetworkInterfaces(exact.getNetworkInterfaces());
        own.setLabels(exact.getLabels());
        own.setSerialLog(exact.getSerialLog());
        own.setGuestProbe(exact.getGuestProbe());
        own.setDisks(ownDisks(exact.getDisks(), disks));
        own.setBoot(ownBoot(exact.getBoot(), boot));
        return own;
    }

    static GuestDefinition.DiskFormat format(DiskFormat format) {
        return format == DiskFormat.QCOW2 ? GuestDefinition.DiskFormat.QCOW2 : GuestDefinition.DiskFormat.RAW;
    }

    private static List<DiskDefinition> ownDisks(List<DiskDefinition> exact, List<VmRecord.StoredDisk> disks) {
        Map<String, VmRecord.StoredDisk> byName = new HashMap<>();
        disks.forEach(disk -> byName.put(disk.name(), disk));
        List<DiskDefinition> own = new ArrayList<>();
        for (DiskDefinition disk : exact) {
            VmRecord.StoredDisk stored = Objects.requireNonNull(byName.get(disk.getName()));
            own.add(new DiskDefinition(disk.getName())
                    .pool(disk.getPool())
                    .format(stored.format())
                    .sizeBytes(stored.sizeBytes())
                    .existingFile(stored.file()));
        }
        return own;
    }

    private @Nullable BootDefinition ownBoot(@Nullable BootDefinition exact, List<VmRecord.StoredBootFile> files) {
        if (exact == null && files.isEmpty()) {
            return null;
        }
        BootDefinition own = new BootDefinition();
        if (exact != null) {
            own.setCommandLine(exact.getCommandLine());
        }
        for (VmRecord.StoredBootFile file : files) {
            String path = bootFiles.path(file).toString();
            switch (file.kind()) {
                case FIRMWARE -> own.setFirmware(path);
                case KERNEL -> own.setKernel(path);
                case INITRD -> own.setInitrd(path);
            }
        }
        return own;
    }

    private GuestDefinition.Boot boot(VmRecord machine) {
        BootDefinition boot = machine.definition().getBoot();
        String commandLine = boot == null || boot.getCommandLine() == null ? "" : boot.getCommandLine();
        return new GuestDefinition.Boot(
                path(machine, BootFileKind.FIRMWARE),
                path(machine, BootFileKind.KERNEL),
                path(machine, BootFileKind.INITRD),
                commandLine);
    }

    private Optional<Path> path(VmRecord machine, BootFileKind kind) {
        return machine.bootFile(kind).map(bootFiles::path);
    }
}
