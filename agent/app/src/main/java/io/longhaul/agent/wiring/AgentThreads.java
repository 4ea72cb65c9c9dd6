package io.longhaul.agent.wiring;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the agent's threads: named, none keeps the process alive, and a fault that ends one is logged. Thread safe. */
final class AgentThreads {
    private static final Logger log = LoggerFactory.getLogger(AgentThreads.class);

    private AgentThreads() {}

    static ThreadFactory named(String name) {
        AtomicLong count = new AtomicLong();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler(
                    (ended, fault) -> log.error("The thread {} ended by a fault", ended.getName(), fault));
            return thread;
        };
    }
}
