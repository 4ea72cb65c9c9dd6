package io.longhaul.agent.wiring;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the agent's threads: named, and none keeps the process alive. Thread safe. */
final class AgentThreads {

    private AgentThreads() {}

    static ThreadFactory named(String name) {
        return named(name, Thread.NORM_PRIORITY);
    }

    /**
     * For what moves bytes: guests that run on this host have the processors first. Only where the JVM is told to pass
     * priorities on to the operating system; README, "Guests first".
     */
    static ThreadFactory behindGuests(String name) {
        return named(name, Thread.MIN_PRIORITY);
    }

    // Nothing relies on it for being right: a guest waits less.
    @SuppressWarnings("ThreadPriorityCheck")
    private static ThreadFactory named(String name, int priority) {
        AtomicLong count = new AtomicLong();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            thread.setPriority(priority);
            return thread;
        };
    }
}
