package io.longhaul.engine.hypervisor;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What the disks of an arriving machine may begin with. Immutable.
 *
 * @param byDisk by the disk's name, the best first; the first that can be used is
 * @param wanted whether the machine is still to arrive: a long copy of a seed is given up where it is not. Any thread
 */
public record DiskSeeds(Map<String, List<DiskSeed>> byDisk, BooleanSupplier wanted) {
    public static final DiskSeeds NONE = new DiskSeeds(Map.of(), () -> true);

    public DiskSeeds {
        byDisk = Map.copyOf(byDisk);
    }

    public List<DiskSeed> of(String disk) {
        return byDisk.getOrDefault(disk, List.of());
    }
}
