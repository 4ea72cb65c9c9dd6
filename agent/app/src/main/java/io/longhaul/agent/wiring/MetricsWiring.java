package io.longhaul.agent.wiring;

import io.longhaul.agent.vms.VmReports;
import io.longhaul.api.model.VmState;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.TcpLinks;
import io.longhaul.engine.transport.RefusalCause;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What can be watched from outside. Values are taken when they are asked for. */
@Configuration(proxyBeanMethods = false)
class MetricsWiring {

    @Bean
    WireBytes wireBytes(MigrationEngine engine) {
        return new WireBytes(engine);
    }

    @Bean
    MeterBinder agentMeters(VmReports reports, MigrationEngine engine, WireBytes wireBytes) {
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
            FunctionCounter.builder("longhaul.agent.wire", wireBytes, WireBytes::update)
                    .baseUnit("bytes")
                    .description("What this host's sides of migrations put on the wire")
                    .register(registry);
        };
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
