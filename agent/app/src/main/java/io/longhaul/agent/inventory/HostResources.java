package io.longhaul.agent.inventory;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.vms.GuestHost;
import io.longhaul.agent.vms.HostOffer;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.api.model.HostCpu;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.HostNetwork;
import io.longhaul.api.model.StoragePool;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This host's resources, as they are now. Thread safe. */
public final class HostResources implements HostOffer {
    private static final Logger LOG = LoggerFactory.getLogger(HostResources.class);

    private final AgentSettings settings;
    private final HypervisorFacts facts;
    private final ProcFiles proc;
    private final GuestHost guests;
    private final Supplier<List<VmRecord>> promised;
    private final String agentVersion;
    private final HostCpu cpu;

    /** @param promised the machines that have, or will have, memory of this host */
    public HostResources(
            AgentSettings settings,
            HypervisorFacts facts,
            ProcFiles proc,
            GuestHost guests,
            Supplier<List<VmRecord>> promised,
            String agentVersion) {
        this.settings = settings;
        this.facts = facts;
        this.proc = proc;
        this.guests = guests;
        this.promised = promised;
        this.agentVersion = agentVersion;
        ProcFiles.Processor processor = proc.processor();
        this.cpu = new HostCpu(processor.model(), processor.threads(), processor.flags(), facts.usableCpuModels());
    }

    /** Everything, for the control plane. */
    public HostInventory inventory() {
        return new HostInventory(
                agentVersion,
                facts.version(),
                facts.accelerator(),
                cpu,
                totalMemoryBytes(),
                freeMemoryBytes(),
                pools(),
                networks(),
                facts.machineTypes());
    }

    @Override
    public Optional<String> machineType(String nameOrAlias) {
        String versioned = facts.machineAliases().getOrDefault(nameOrAlias, nameOrAlias);
        return Optional.of(versioned).filter(facts.machineTypes()::contains);
    }

    @Override
    public boolean offersCpuModel(String model) {
        return facts.usableCpuModels().contains(model);
    }

    /** What the kernel could give, less what machines were promised and have not touched yet, within the limit. */
    @Override
    public long freeMemoryBytes() {
        long promisedBytes = 0;
        long untouchedBytes = 0;
        for (VmRecord machine : promised.get()) {
            long bytes = machine.definition().getMemoryBytes();
            promisedBytes += bytes;
            untouchedBytes += Math.max(0, bytes - guests.residentBytes(machine.id()));
        }
        long available = proc.memory().availableBytes() - untouchedBytes;
        long withinLimit = settings.memoryLimitBytes().orElse(Long.MAX_VALUE) - promisedBytes;
        return Math.max(0, Math.min(available, withinLimit));
    }

    private long totalMemoryBytes() {
        return Math.min(proc.memory().totalBytes(), settings.memoryLimitBytes().orElse(Long.MAX_VALUE));
    }

    private List<StoragePool> pools() {
        return settings.pools().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> pool(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** One that cannot be asked has nothing to give, and must not keep the host from reporting the others. */
    private static StoragePool pool(String name, Path folder) {
        // Not by way of its mount point, which cannot be found where the root was changed.
        File file = folder.toFile();
        long totalBytes = file.getTotalSpace();
        if (totalBytes == 0) {
            LOG.warn("The pool {} in {} cannot be asked for its space; see that the folder is there", name, folder);
        }
        return new StoragePool(name, folder.toString(), totalBytes, file.getUsableSpace());
    }

    private List<HostNetwork> networks() {
        return settings.networks().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> {
                    HostNetwork network =
                            new HostNetwork(entry.getKey(), entry.getValue().kind());
                    entry.getValue().bridge().ifPresent(network::setBridge);
                    return network;
                })
                .toList();
    }
}
