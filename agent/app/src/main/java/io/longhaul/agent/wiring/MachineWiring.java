package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.inventory.HostResources;
import io.longhaul.agent.inventory.HypervisorFacts;
import io.longhaul.agent.inventory.ProcFiles;
import io.longhaul.agent.migrations.Arrivals;
import io.longhaul.agent.migrations.EngineHold;
import io.longhaul.agent.probe.SerialLogProbe;
import io.longhaul.agent.vms.AllocatedBytes;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.Definitions;
import io.longhaul.agent.vms.EpochFence;
import io.longhaul.agent.vms.GuestDefinitions;
import io.longhaul.agent.vms.GuestHost;
import io.longhaul.agent.vms.GuestStates;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.Machines;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.VmLocks;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.agent.vms.VmReports;
import io.longhaul.agent.vms.VmStore;
import io.longhaul.agent.wiring.FolderWiring.OwnedFolders;
import io.longhaul.engine.session.MigrationEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Machines and what they consist of. Everything that reads the data folder asks for {@link OwnedFolders} first. */
@Configuration(proxyBeanMethods = false)
class MachineWiring {
    /** A guest's hypervisor answers within milliseconds, or it hangs. */
    private static final Duration GUESTS_PATIENCE = Duration.ofMillis(500);

    @Bean
    VmStore vmStore(OwnedFolders owned, AgentSettings settings, JsonMapper mapper) {
        return new VmStore(settings.dataFolder(), mapper);
    }

    @Bean
    EpochFence epochFence(OwnedFolders owned, AgentSettings settings, JsonMapper mapper, Clock clock) {
        return new EpochFence(settings.dataFolder(), mapper, clock);
    }

    @Bean
    BootFileStore bootFileStore(OwnedFolders owned, AgentSettings settings) throws IOException {
        return new BootFileStore(settings.dataFolder(), settings.bootFileLimitBytes());
    }

    @Bean
    Ownership ownership(VmStore store, EpochFence fence, MigrationEngine engine, Arrivals arrivals) {
        return new Ownership(store, fence, new VmLocks(), new EngineHold(engine, arrivals));
    }

    @Bean
    HostResources hostResources(
            AgentSettings settings, HypervisorFacts facts, GuestHost host, VmStore store, Arrivals arrivals) {
        String version = MachineWiring.class.getPackage().getImplementationVersion();
        return new HostResources(
                settings,
                facts,
                new ProcFiles(Path.of("/proc")),
                host,
                () -> promised(store, arrivals),
                version == null ? "unpackaged" : version);
    }

    private static List<VmRecord> promised(VmStore store, Arrivals arrivals) {
        return Stream.concat(store.all().stream().filter(VmRecord::startWanted), arrivals.promised().stream())
                .toList();
    }

    @Bean
    Definitions definitions(AgentSettings settings, HostResources resources) {
        return new Definitions(settings, resources);
    }

    @Bean
    GuestDefinitions guestDefinitions(Definitions definitions, BootFileStore bootFiles) {
        return new GuestDefinitions(definitions, bootFiles);
    }

    @Bean
    MachineFiles machineFiles(
            Ownership ownership,
            Definitions definitions,
            BootFileStore bootFiles,
            GuestHost host,
            Arrivals arrivals,
            AgentSettings settings) {
        return new MachineFiles(ownership, definitions, bootFiles, host, arrivals, settings.dataFolder());
    }

    @Bean
    Machines machines(
            Ownership ownership,
            MachineFiles files,
            GuestDefinitions guests,
            GuestHost host,
            SerialLogProbe probe,
            AgentSettings settings) {
        return new Machines(ownership, files, guests, host, probe, settings.stopTimeout());
    }

    @Bean
    SerialLogProbe serialLogProbe() {
        return new SerialLogProbe();
    }

    @Bean
    VmReports vmReports(Machines machines, GuestStates states, SerialLogProbe probe) {
        return new VmReports(machines, states, probe, new AllocatedBytes());
    }

    /** As many threads as guests that do not answer: each is asked once at a time. */
    @Bean(destroyMethod = "shutdownNow")
    ExecutorService guestStateThreads() {
        return Executors.newCachedThreadPool(AgentThreads.named("guest-state"));
    }

    @Bean
    GuestStates guestStates(GuestHost host, @Qualifier("guestStateThreads") ExecutorService guestStateThreads) {
        return new GuestStates(host::state, guestStateThreads, GUESTS_PATIENCE);
    }
}
