package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.identity.IdentityKeeper;
import io.longhaul.agent.migrations.OldEpochs;
import io.longhaul.agent.migrations.OwnerChanges;
import io.longhaul.agent.rehearsal.StartRehearsal;
import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.reporting.Reports;
import io.longhaul.agent.vms.Machines;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.hypervisor.qemu.KeptDisks;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
        return new Step(
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
        return new Step(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1,
                () -> keeper.start(AgentThreads.named("identity")),
                keeper::close);
    }

    /** Last, so that nobody waits for it: the host can be ONLINE before it is over. */
    @Bean
    SmartLifecycle rehearsing(StartRehearsal rehearsal) {
        return new Step(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 2,
                () -> rehearsal.start(AgentThreads.named("rehearsal")),
                rehearsal::end);
    }

    @Bean
    SmartLifecycle reporting(Heartbeats heartbeats, Reports reports) {
        return new Step(
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

    /** What came of machines that never arrived goes after a day, also on a host that nothing comes to any more. */
    @Bean
    SmartLifecycle expiringKeptDisks(AgentSettings settings, Clock clock) {
        KeptDisks kept = new KeptDisks(clock, KeptDisks.KEPT_FOR);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(AgentThreads.named("kept-disks"));
        return new Step(
                WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1,
                () -> {
                    var unused = timer.scheduleWithFixedDelay(
                            () -> settings.pools().values().forEach(kept::removeExpired), 0, 1, TimeUnit.HOURS);
                },
                timer::shutdownNow);
    }

    /** Used by the main thread only. */
    private static final class Step implements SmartLifecycle {
        private final int phase;
        private final Runnable start;
        private final Runnable stop;
        private volatile boolean running;

        Step(int phase, Runnable start, Runnable stop) {
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
