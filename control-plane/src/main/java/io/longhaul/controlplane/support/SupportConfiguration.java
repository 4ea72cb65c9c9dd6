package io.longhaul.controlplane.support;

import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Time and threads, handed to everything else. */
@Configuration(proxyBeanMethods = false)
class SupportConfiguration {

    /** Work is a short database transaction or a write to a client, never a call to an agent. */
    private static final int WORKERS = 8;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "shutdownNow")
    ScheduledExecutorService workers() {
        return Executors.newScheduledThreadPool(WORKERS, work -> {
            Thread thread = new Thread(work, "longhaul-worker");
            thread.setDaemon(true);
            return thread;
        });
    }
}
