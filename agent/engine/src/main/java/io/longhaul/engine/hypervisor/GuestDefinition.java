package io.longhaul.engine.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A machine as one host runs it: every name resolved to a file, a bridge, a version. Immutable.
 *
 * @param id also the guest's SMBIOS UUID
 * @param name for people and process lists
 * @param vcpus virtual processors
 * @param memoryBytes guest memory
 * @param machineType versioned, never an alias: the same at source and destination
 * @param cpuModel the hypervisor's model name with optional +/- features
 * @param boot what the machine starts from
 * @param disks in device order
 * @param networkInterfaces in device order
 * @param serialLog file that takes what the guest writes to its first serial port
 */
public record GuestDefinition(
        UUID id,
        String name,
        int vcpus,
        long memoryBytes,
        String machineType,
        String cpuModel,
        Boot boot,
        List<Disk> disks,
        List<NetworkInterface> networkInterfaces,
        Optional<Path> serialLog) {

    public GuestDefinition {
        disks = List.copyOf(disks);
        networkInterfaces = List.copyOf(networkInterfaces);
    }

    /** Boot files, each absent where the hypervisor's own default is used. */
    public record Boot(Optional<Path> firmware, Optional<Path> kernel, Optional<Path> initrd, String commandLine) {}

    /** Image formats that can be attached. */
    public enum DiskFormat {
        RAW,
        QCOW2
    }

    /**
     * @param name unique within the machine; the same at source and destination
     * @param sizeBytes the size the guest sees; a multiple of 512
     */
    public record Disk(String name, Path file, DiskFormat format, long sizeBytes) {}

    /**
     * @param bridge the bridge to join; absent for the hypervisor's own address translation
     */
    public record NetworkInterface(String macAddress, Optional<String> bridge) {}
}
