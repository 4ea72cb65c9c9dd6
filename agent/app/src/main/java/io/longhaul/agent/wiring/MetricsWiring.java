package io.longhaul.agent.wiring;

import io.longhaul.agent.vms.VmReports;
import io.longhaul.agent.wiring.SideTotals.Count;
import io.longhaul.api.model.VmState;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.transport.RefusalCause;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What can be watched from outside. Values are taken when they are asked for. */
@Configuration(proxyBeanMethods = false)
class MetricsWiring {

    @Bean
    SideTotals sideTotals(MigrationEngine engine) {
        return new SideTotals(engine);
    }

    @Bean
    MeterBinder agentMeters(VmReports reports, MigrationEngine engine) {
        return registry -> {
            for (VmState state : EnumSet.complementOf(EnumSet.of(VmState.UNKNOWN))) {
                Gauge.builder(
                                "longhaul.agent.guests",
                                reports,
                                all -> all.counts().getOrDefault(state, 0L))
                        .description("Machines of this host by their state")
                        .tag("state", state.getValue())
                        .register(registry);
            }
            for (SidePhase phase : SidePhase.values()) {
                Gauge.builder("longhaul.agent.migrations", engine, all -> count(all, phase))
                        .description("This host's sides of migrations by their phase")
                        .tag("phase", phase.name())
                        .register(registry);
            }
        };
    }

    @Bean
    MeterBinder effortMeters(SideTotals totals, MigrationEngine engine) {
        return registry -> {
            counter("longhaul.agent.wire", totals, Count.WIRE_BYTES)
                    .baseUnit("bytes")
                    .description("What this host's sides of migrations put on the wire")
                    .register(registry);
            Map.of(
                            "sent", Count.PAGES_SENT,
                            "referenced", Count.PAGES_REFERENCED,
                            "held-back", Count.PAGES_HELD_BACK,
                            "superseded", Count.PAGES_SUPERSEDED)
                    .forEach((fate, count) -> counter("longhaul.agent.memory.pages", totals, count)
                            .tag("fate", fate)
                            .description("Versions of guests' pages by what became of them")
                            .register(registry));
            counter("longhaul.agent.link.resent", totals, Count.RESENT_BYTES)
                    .baseUnit("bytes")
                    .description("Sent again because a connection was lost with them")
                    .register(registry);
            counter("longhaul.agent.link.reconnects", totals, Count.RECONNECTS)
                    .description("Connections opened in the place of lost ones")
                    .register(registry);
            counter("longhaul.agent.link.outages", totals, Count.OUTAGES)
                    .description("How often a link was away")
                    .register(registry);
            FunctionCounter.builder("longhaul.agent.link.outage", totals, all -> all.total(Count.OUTAGE_MILLIS) / 1e3)
                    .baseUnit("seconds")
                    .description("For how long links were away, in all")
                    .register(registry);
            Gauge.builder("longhaul.agent.link.connections", engine, MetricsWiring::connections)
                    .description("Connections that migrations from this host have open")
                    .register(registry);
        };
    }

    private static FunctionCounter.Builder<SideTotals> counter(String name, SideTotals totals, Count count) {
        return FunctionCounter.builder(name, totals, all -> all.total(count));
    }

    private static double connections(MigrationEngine engine) {
        return engine.sides().stream()
                .map(MigrationSide::status)
                .filter(status -> !status.phase().terminal())
                .mapToInt(status -> status.progress().effort().connectionsOpen())
                .sum();
    }

    @Bean
    MeterBinder linkMeters(TcpLinks links) {
        return registry -> {
            for (RefusalCause cause : RefusalCause.values()) {
                FunctionCounter.builder(
                                "longhaul.agent.link.refused.handshakes", links, all -> all.refusedHandshakes(cause))
                        .description(
                                "Connections that did not prove that they belong to a migration, by what was wrong")
                        .tag("cause", cause.name())
                        .register(registry);
            }
            FunctionCounter.builder("longhaul.agent.link.bad.frames", links, TcpLinks::badFrames)
                    .description("Frames that were damaged or not allowed; each ended its link")
                    .register(registry);
        };
    }

    private static double count(MigrationEngine engine, SidePhase phase) {
        return engine.sides().stream()
                .filter(side -> side.status().phase() == phase)
                .count();
    }
}
