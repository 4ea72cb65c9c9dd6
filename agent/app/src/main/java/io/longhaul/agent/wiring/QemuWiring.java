package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.config.StartRefusedException;
import io.longhaul.agent.inventory.HypervisorFacts;
import io.longhaul.agent.migrations.Arrivals;
import io.longhaul.agent.probe.SerialLogWatches;
import io.longhaul.agent.rehearsal.RehearsedEngine;
import io.longhaul.agent.rehearsal.StartRehearsal;
import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.vms.GuestHost;
import io.longhaul.agent.vms.Machines;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.agent.vms.VmStore;
import io.longhaul.agent.wiring.FolderWiring.OwnedFolders;
import io.longhaul.api.model.GuestProbeKind;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.session.EngineSettings;
import io.longhaul.engine.session.GuestWatch;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.session.TransferEngine;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.Protection;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import io.longhaul.hypervisor.qemu.QemuHost;
import io.longhaul.hypervisor.qemu.QemuHypervisor;
import io.longhaul.hypervisor.qemu.QemuInventory;
import io.longhaul.hypervisor.qemu.QemuSettings;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Locale;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** QEMU below and the engine on it. Everything here is replaced in tests that need neither. */
@Configuration(proxyBeanMethods = false)
@Lazy
class QemuWiring {

    @Bean
    QemuSettings qemuSettings(OwnedFolders owned, AgentSettings settings) {
        return QemuSettings.defaults(settings.socketFolder());
    }

    /** Takes seconds, once. */
    @Bean
    QemuInventory qemuInventory(QemuSettings settings) {
        try {
            return QemuInventory.read(settings, AgentThreads.named("qemu-inventory"));
        } catch (HypervisorException e) {
            throw new StartRefusedException(
                    "No guest can run on this host: " + e.getMessage() + ". Expected " + settings.emulator() + " and "
                            + settings.imageTool() + " of QEMU 10 or newer on the PATH; install them.",
                    e);
        }
    }

    @Bean
    HypervisorFacts hypervisorFacts(QemuInventory inventory) {
        return new HypervisorFacts(
                inventory.version(),
                inventory.accelerator().name().toLowerCase(Locale.ROOT),
                inventory.machineTypes(),
                inventory.machineAliases(),
                inventory.cpuModels());
    }

    @Bean(destroyMethod = "close")
    GuestEnds guestEnds(ObjectProvider<Machines> machines, ObjectProvider<Heartbeats> heartbeats) {
        return new GuestEnds(machines, heartbeats);
    }

    @Bean
    QemuHost qemuHost(QemuSettings settings, QemuInventory inventory, GuestEnds ends) {
        return new QemuHost(settings, inventory.accelerator(), AgentThreads.named("qemu-host"), ends);
    }

    @Bean
    GuestHost guestHost(QemuHost host, QemuSettings settings) {
        return new QemuGuests(host, settings.socketFolder());
    }

    @Bean
    GuestWatch.Factory guestWatches(VmStore store, Arrivals arrivals, Clock clock) {
        return new SerialLogWatches(
                id -> writesLines(id, store, arrivals),
                clock::millis,
                System::nanoTime,
                AgentThreads.named("guest-watch"));
    }

    private static boolean writesLines(UUID id, VmStore store, Arrivals arrivals) {
        return store.find(id)
                .or(() -> arrivals.machine(id))
                .map(VmRecord::definition)
                .map(definition -> definition.getGuestProbe() == GuestProbeKind.SERIAL)
                .orElse(false);
    }

    @Bean(destroyMethod = "close")
    TcpLinks links(AgentSettings settings, TlsContexts contexts) {
        LinkSettings link = LinkSettings.defaults()
                .withConnections(settings.transferConnections())
                .withCongestion(settings.transferCongestionControl())
                .withPatience(EngineSettings.DEFAULT.linkPatience());
        Protection tls = new TlsProtection(contexts, link.handshakeTimeout(), Ticker.system());
        try {
            return TcpLinks.open(
                    settings.transferAddress(),
                    link,
                    new LinkEnvironment(Ticker.system(), AgentThreads.named("link"), new SecureRandom())
                            .withProtection(tls));
        } catch (LinkException e) {
            throw new StartRefusedException(
                    "longhaul.agent.transfer-address is " + settings.transferAddress()
                            + ", which cannot be listened on: " + e.getMessage()
                            + ". Set an address of this host and a port that is free.",
                    e);
        }
    }

    @Bean
    MigrationEngine engine(
            AgentSettings settings,
            QemuSettings qemu,
            QemuInventory inventory,
            TcpLinks links,
            GuestWatch.Factory watches,
            StartRehearsal rehearsal) {
        return new RehearsedEngine(
                new TransferEngine(
                        settings.dataFolder().resolve("engine"),
                        new QemuHypervisor(qemu, inventory.accelerator(), AgentThreads.named("qemu-move")),
                        links,
                        watches,
                        Ticker.system(),
                        AgentThreads.named("migration"),
                        EngineSettings.DEFAULT),
                rehearsal);
    }
}
