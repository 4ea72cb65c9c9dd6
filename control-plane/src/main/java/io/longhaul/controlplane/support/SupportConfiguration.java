package io.longhaul.controlplane.support;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/** Time and threads, handed to everything else. */
@Configuration(proxyBeanMethods = false)
class SupportConfiguration {

    /** A piece of work is a short database transaction or a wake-up, never a call to an agent or a write to a client. */
    private static final int THREADS = 8;

    private static final Duration IDLE = Duration.ofSeconds(30);

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** Drives migrations and the queue, and wakes watchers. */
    @Bean(destroyMethod = "")
    @Primary
    ScheduledExecutorService workers() {
        ScheduledThreadPoolExecutor pool =
                new ScheduledThreadPoolExecutor(THREADS, work -> daemon(work, "longhaul-worker"));
        pool.setRemoveOnCancelPolicy(true);
        pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return pool;
    }

    @Bean
    EndOfWork endOfWork(ScheduledExecutorService workers) {
        return new EndOfWork(workers);
    }

    /**
     * Writes to clients. One that stops reading blocks its writer until the server gives it up, so every writer has a
     * thread of its own, a virtual one where the JDK has them. longhaul.api.max-watchers bounds how many there are.
     */
    @Bean(destroyMethod = "shutdownNow")
    ExecutorService watchers(Environment environment) {
        ThreadFactory threads = Threading.VIRTUAL.isActive(environment)
                ? new VirtualThreadTaskExecutor("longhaul-watcher-").getVirtualThreadFactory()
                : work -> daemon(work, "longhaul-watcher");
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE.toSeconds(), TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
