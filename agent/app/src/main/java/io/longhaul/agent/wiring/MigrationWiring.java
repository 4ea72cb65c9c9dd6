package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AdvertisedAddresses;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.migrations.Arrivals;
import io.longhaul.agent.migrations.ArrivalsAndDepartures;
import io.longhaul.agent.migrations.CommandDigests;
import io.longhaul.agent.migrations.Departures;
import io.longhaul.agent.migrations.FetchBootFiles;
import io.longhaul.agent.migrations.IncomingCommands;
import io.longhaul.agent.migrations.IncomingCommands.Work;
import io.longhaul.agent.migrations.MigrationCommands;
import io.longhaul.agent.migrations.MigrationReports;
import io.longhaul.agent.migrations.OldEpochs;
import io.longhaul.agent.migrations.OutgoingCommands;
import io.longhaul.agent.migrations.OwnerChanges;
import io.longhaul.agent.migrations.PolicyCommands;
import io.longhaul.agent.probe.SerialLogProbe;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.agent.reporting.Reports;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.GuestDefinitions;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.Machines;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.SeedFiles;
import io.longhaul.agent.vms.VmStore;
import io.longhaul.agent.wiring.FolderWiring.OwnedFolders;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.transport.tls.TlsContexts;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** The commands about migrations and what they keep. */
@Configuration(proxyBeanMethods = false)
class MigrationWiring {
    /** More than hosts receive at once by the control plane's default; further ones wait. */
    private static final int PREPARATIONS_AT_ONCE = 4;

    /** Further ones are refused: they would not begin before their migrations are given up. */
    private static final int PREPARATIONS_WAITING = 32;

    /** A source that gives less has something wrong with it; it must not hold a thread for ever. */
    private static final long SLOWEST_BYTES_PER_SECOND = 512 << 10;

    @Bean
    Arrivals arrivals(OwnedFolders owned, AgentSettings settings, JsonMapper mapper) {
        return new Arrivals(settings.dataFolder(), mapper);
    }

    @Bean
    Departures departures(OwnedFolders owned, AgentSettings settings, JsonMapper mapper) {
        return new Departures(settings.dataFolder(), mapper);
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService preparations() {
        return new ThreadPoolExecutor(
                PREPARATIONS_AT_ONCE,
                PREPARATIONS_AT_ONCE,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(PREPARATIONS_WAITING),
                AgentThreads.named("prepare-arrival"));
    }

    @Bean
    MigrationReports.Identity identity(AdvertisedAddresses addresses) {
        return new MigrationReports.Identity(UUID.randomUUID().toString(), Optional.of(addresses.transferHost()));
    }

    @Bean
    MigrationReports migrationReports(
            MigrationEngine engine,
            Arrivals arrivals,
            ProblemModels problems,
            Clock clock,
            MigrationReports.Identity identity) {
        return new MigrationReports(engine, arrivals, problems, clock, identity);
    }

    @Bean
    IncomingCommands incomingCommands(
            MigrationEngine engine,
            Ownership ownership,
            Arrivals arrivals,
            MachineFiles files,
            GuestDefinitions guests,
            FetchBootFiles fetch,
            Work work) {
        return new IncomingCommands(engine, ownership, arrivals, files, guests, fetch, work);
    }

    @Bean
    SeedFiles seedFiles(
            VmStore store, MigrationEngine engine, Arrivals arrivals, Departures departures, AgentSettings settings) {
        return new SeedFiles(store, new ArrivalsAndDepartures(engine, arrivals, departures), settings.templateFolder());
    }

    @Bean
    Work incomingWork(
            @Qualifier("preparations") ExecutorService preparations,
            JsonMapper mapper,
            SeedFiles seeds,
            Reports reports) {
        return new Work(preparations, new CommandDigests(mapper), seeds, reports);
    }

    /** Boot files can be large and the source far away: the limit on the whole grows with what is allowed. */
    @Bean
    FetchBootFiles fetchBootFiles(TlsContexts contexts, BootFileStore store, AgentSettings settings) {
        OkHttpClient client = Peers.secure(new OkHttpClient.Builder(), contexts)
                .connectTimeout(Duration.ofSeconds(10))
                .readTimeout(Duration.ofSeconds(20))
                .build();
        Duration longest = Duration.ofMinutes(1).plusSeconds(settings.bootFileLimitBytes() / SLOWEST_BYTES_PER_SECOND);
        return new FetchBootFiles(client, longest, store);
    }

    @Bean
    OutgoingCommands outgoingCommands(
            MigrationEngine engine, Ownership ownership, Machines machines, GuestDefinitions guests) {
        return new OutgoingCommands(engine, ownership, machines, guests);
    }

    @Bean
    MigrationCommands migrationCommands(
            MigrationEngine engine,
            Ownership ownership,
            IncomingCommands incoming,
            OwnerChanges owners,
            OldEpochs oldEpochs,
            Arrivals arrivals,
            Departures departures,
            MachineFiles files) {
        return new MigrationCommands(engine, ownership, incoming, owners, oldEpochs, arrivals, departures, files);
    }

    @Bean
    PolicyCommands policyCommands(MigrationEngine engine) {
        return new PolicyCommands(engine);
    }

    @Bean
    OldEpochs oldEpochs(MigrationEngine engine, Ownership ownership, Arrivals arrivals, Clock clock) {
        return new OldEpochs(ownership, engine, arrivals, clock);
    }

    @Bean
    OwnerChanges ownerChanges(
            MigrationEngine engine,
            Ownership ownership,
            Arrivals arrivals,
            Departures departures,
            MachineFiles files,
            SerialLogProbe probe,
            Reports reports) {
        return new OwnerChanges(engine, ownership, arrivals, departures, files, probe, reports);
    }
}
