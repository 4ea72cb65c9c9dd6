package io.longhaul.agent.inventory;

import java.util.List;
import java.util.Map;

/**
 * What the hypervisor here is and can. Immutable; found out once at start.
 *
 * @param version such as 10.0.2
 * @param accelerator the one that executed guest instructions when tried
 * @param machineTypes versioned ones
 * @param machineAliases alias to versioned machine type
 * @param usableCpuModels those a guest can have here without a missing feature
 */
public record HypervisorFacts(
        String version,
        String accelerator,
        List<String> machineTypes,
        Map<String, String> machineAliases,
        List<String> usableCpuModels) {

    public HypervisorFacts {
        machineTypes = List.copyOf(machineTypes);
        machineAliases = Map.copyOf(machineAliases);
        usableCpuModels = List.copyOf(usableCpuModels);
    }
}
