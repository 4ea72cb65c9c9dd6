package io.longhaul.engine.session;

import io.longhaul.engine.support.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one side. It takes the side to its end whatever it meets: a fault, or a journal that cannot be written,
 * makes it begin anew from what the journal says, since stopping half-way could leave the guest on no host. Thread safe.
 */
final class SideThread {
    private static final Logger log = LoggerFactory.getLogger(SideThread.class);

    private final String migrationId;
    private final Flow flow;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** What the side does from where its journal says it is. */
    interface Flow {
        /** @param first whether the side has not been under way in this run of the agent */
        void run(boolean first) throws IOException, InterruptedException;

        /** Lets go of everything without changing it: the agent is being stopped. */
        void letGo();
    }

    SideThread(String migrationId, ThreadFactory threads, Flow flow) {
        this.migrationId = migrationId;
        this.flow = flow;
        this.thread = threads.newThread(this::run);
    }

    void start() {
        thread.start();
    }

    boolean awaitEnd(Duration deadline) throws InterruptedException {
        return ended.await(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** For a side that cannot end now: the next start of the agent takes it up again. */
    void interrupt() {
        thread.interrupt();
    }

    private void run() {
        try {
            boolean first = true;
            for (Backoff backoff = new Backoff(); !attempt(first); backoff.pause()) {
                first = false;
            }
        } catch (InterruptedException e) {
            log.info("{}: the agent stops; its next start takes this side up again", migrationId);
            flow.letGo();
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private boolean attempt(boolean first) throws InterruptedException {
        try {
            flow.run(first);
            return true;
        } catch (IOException e) {
            log.error("{}: the journal cannot be written; trying again from what it says", migrationId, e);
        } catch (RuntimeException | Error e) {
            log.error("{}: fault of the agent's own; trying again from what the journal says", migrationId, e);
        }
        return false;
    }
}
