package io.longhaul.agent.vms;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Machines that are to arrive at this host, and those that have left it. Any thread. */
public interface PassingMachines {

    /** Disks, and files that will become some, which the arrival of this machine must leave alone. */
    Set<Path> disksOfOthers(UUID machine);

    /** This machine as it was here before, the latest first. Its disks were left here for good. */
    List<VmRecord> earlierStays(UUID machine);
}
