package io.longhaul.agent.vms;

import java.util.Optional;

/** What this host can give a machine. Any thread. Kept by inventory. */
public interface HostOffer {

    /** The versioned machine type for a name or an alias; empty where QEMU here does not know it. */
    Optional<String> machineType(String nameOrAlias);

    /** Whether a guest can have this CPU model here, without its +/- features. */
    boolean offersCpuModel(String model);

    /** Memory that no machine was promised and the operating system does not use. */
    long freeMemoryBytes();
}
