package io.longhaul.agent.wiring;

import io.longhaul.agent.identity.IdentityKeeper;
import io.longhaul.agent.migrations.OldEpochs;
import io.longhaul.agent.migrations.OwnerChanges;
import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.reporting.Reports;
import io.longhaul.agent.vms.Machines;
import io.longhaul.engine.session.MigrationEngine;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The order of start and stop: first everything an earlier run left is taken up, then commands are taken, then the
 * control plane is told. Stopping goes the other way round. Guests run on.
 */
@Configuration(proxyBeanMethods = false)
class AgentLife {

    @Bean
    SmartLifecycle takingUp(Machines machines, OwnerChanges owners, OldEpochs oldEpochs, MigrationEngine engine) {
        return new Stage(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1,
                () -> {
                    owners.takeUp();
                    machines.takeUp();
                    oldEpochs.prune();
                },
                engine::close);
    }

    @Bean
    SmartLifecycle joining(IdentityKeeper keeper) {
        return new Stage(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1,
                () -> keeper.start(AgentThreads.named("identity")),
                keeper::close);
    }

    @Bean
    SmartLifecycle reporting(Heartbeats heartbeats, Reports reports) {
        return new Stage(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1,
                () -> {
                    reports.start(AgentThreads.named("reports"), heartbeats);
                    heartbeats.start(AgentThreads.named("heartbeats"));
                },
                () -> {
                    heartbeats.close();
                    reports.close();
                });
    }

    /** Used by the main thread only. */
    private static final class Stage implements SmartLifecycle {
        private final int phase;
        private final Runnable start;
        private final Runnable stop;
        private volatile boolean running;

        Stage(int phase, Runnable start, Runnable stop) {
            this.phase = phase;
            this.start = start;
            this.stop = stop;
        }

        @Override
        public void start() {
            start.run();
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            stop.run();
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return phase;
        }
    }
}
