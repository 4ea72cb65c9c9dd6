package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AdvertisedAddresses;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.inventory.HostResources;
import io.longhaul.agent.migrations.MigrationReports;
import io.longhaul.agent.reporting.HostState;
import io.longhaul.agent.vms.VmReports;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;
import java.util.Objects;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** Puts together what there is to tell of this host. Thread safe. */
final class CurrentHostState implements HostState {
    private final WebServerApplicationContext context;
    private final AgentSettings settings;
    private final AdvertisedAddresses addresses;
    private final HostResources resources;
    private final VmReports vms;
    private final MigrationReports migrations;
    private final SideTotals sideTotals;
    private final String agentInstance;

    CurrentHostState(
            WebServerApplicationContext context,
            AgentSettings settings,
            AdvertisedAddresses addresses,
            HostResources resources,
            VmReports vms,
            MigrationReports migrations,
            SideTotals sideTotals,
            MigrationReports.Identity identity) {
        this.sideTotals = sideTotals;
        this.context = context;
        this.settings = settings;
        this.addresses = addresses;
        this.resources = resources;
        this.vms = vms;
        this.migrations = migrations;
        this.agentInstance = identity.agentInstance();
    }

    @Override
    public Registration registration() {
        return new Registration(agentUrl(), settings.site(), agentInstance, resources.inventory());
    }

    @Override
    public Heartbeat heartbeat() {
        sideTotals.update();
        return new Heartbeat(agentInstance, resources.inventory(), vms.all(), migrations.all());
    }

    /** The port is known when the server listens, which it does before anything is told. */
    private String agentUrl() {
        return addresses.commandUrl(
                Objects.requireNonNull(context.getWebServer()).getPort());
    }
}
