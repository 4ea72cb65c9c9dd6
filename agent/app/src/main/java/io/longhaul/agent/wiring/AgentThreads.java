package io.longhaul.agent.wiring;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the agent's threads: named, and none keeps the process alive. Thread safe. */
final class AgentThreads {

    private AgentThreads() {}

    static ThreadFactory named(String name) {
        AtomicLong count = new AtomicLong();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
