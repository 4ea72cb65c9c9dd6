package io.longhaul.controlplane.support;

import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** Time and threads, handed to everything else. */
@Configuration(proxyBeanMethods = false)
class SupportConfiguration {

    /** A piece of work is a short database transaction or a write to a client, never a call to an agent. */
    private static final int THREADS = 8;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** Drives migrations and the queue. */
    @Bean(destroyMethod = "shutdownNow")
    @Primary
    ScheduledExecutorService workers() {
        return pool("longhaul-worker");
    }

    /** Writes to clients, which may be slow: they must never hold up a migration. */
    @Bean(destroyMethod = "shutdownNow")
    ScheduledExecutorService watchers() {
        return pool("longhaul-watcher");
    }

    private static ScheduledExecutorService pool(String name) {
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(THREADS, work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
        pool.setRemoveOnCancelPolicy(true);
        return pool;
    }
}
