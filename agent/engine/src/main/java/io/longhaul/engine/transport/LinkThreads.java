package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one link, while they run. Thread safe. */
final class LinkThreads {
    private static final Logger LOG = LoggerFactory.getLogger(LinkThreads.class);

    private final String link;
    private final LinkEnvironment environment;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    LinkThreads(String link, LinkEnvironment environment) {
        this.link = link;
        this.environment = environment;
    }

    void start(String name, Runnable work) {
        Thread thread = environment.newThread(link + "-" + name, () -> {
            try {
                work.run();
            } finally {
                running.remove(Thread.currentThread());
            }
        });
        running.add(thread);
        thread.start();
    }

    boolean includeThis() {
        return running.contains(Thread.currentThread());
    }

    /** They end by themselves once their sockets are closed; only a receiver that blocks can hold one. */
    void joinOthers(long millisEach) {
        List<Thread> others = new ArrayList<>(running);
        others.remove(Thread.currentThread());
        boolean interrupted = Thread.interrupted();
        for (Thread thread : others) {
            try {
                thread.join(millisEach);
                if (thread.isAlive()) {
                    thread.interrupt();
                    thread.join(millisEach);
                }
            } catch (InterruptedException stopped) {
                interrupted = true;
            }
            if (thread.isAlive()) {
                LOG.error("{}: thread {} does not end; a receiver blocks it", link, thread.getName());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
