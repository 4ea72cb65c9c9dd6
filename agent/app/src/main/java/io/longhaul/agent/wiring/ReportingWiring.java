package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AdvertisedAddresses;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.inventory.HostResources;
import io.longhaul.agent.migrations.MigrationReports;
import io.longhaul.agent.reporting.ControlPlane;
import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.reporting.LastKnownState;
import io.longhaul.agent.reporting.Reports;
import io.longhaul.agent.vms.VmReports;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** What tells the control plane of this host. */
@Configuration(proxyBeanMethods = false)
class ReportingWiring {
    /** A part of the interval between heartbeats, and more than the guests' states are waited for. */
    private static final Duration HEARTBEAT_PATIENCE = Duration.ofSeconds(1);

    @Bean
    Counter reportFailures(MeterRegistry registry) {
        return Counter.builder("longhaul.agent.report.failures")
                .description("Registrations, heartbeats and reports that the control plane did not take")
                .register(registry);
    }

    @Bean
    ControlPlane controlPlane(AgentSettings settings, TlsContexts contexts, JsonMapper mapper) {
        OkHttpClient client = Peers.secure(new OkHttpClient.Builder(), contexts)
                .connectTimeout(Duration.ofSeconds(3))
                .callTimeout(Duration.ofSeconds(8))
                .build();
        return new ControlPlane(client, mapper, settings.controlPlaneUrl(), settings.hostName());
    }

    @Bean
    Reports reports(ControlPlane controlPlane, MigrationReports migrations, Counter reportFailures) {
        return new Reports(controlPlane, migrations, System::nanoTime, reportFailures::increment);
    }

    @Bean
    CurrentHostState currentHostState(
            WebServerApplicationContext context,
            AgentSettings settings,
            AdvertisedAddresses addresses,
            HostResources resources,
            VmReports vms,
            MigrationReports migrations,
            SideTotals sideTotals,
            MigrationReports.Identity identity) {
        return new CurrentHostState(context, settings, addresses, resources, vms, migrations, sideTotals, identity);
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService hostStateThread() {
        return Executors.newSingleThreadExecutor(AgentThreads.named("host-state"));
    }

    @Bean
    LastKnownState lastKnownState(
            CurrentHostState state, @Qualifier("hostStateThread") ExecutorService hostStateThread) {
        return new LastKnownState(state, hostStateThread, HEARTBEAT_PATIENCE);
    }

    @Bean
    Heartbeats heartbeats(
            ControlPlane controlPlane,
            LastKnownState state,
            JsonMapper mapper,
            Reports reports,
            Counter reportFailures) {
        return new Heartbeats(controlPlane, state, mapper, reports::onRegistered, reportFailures::increment);
    }
}
