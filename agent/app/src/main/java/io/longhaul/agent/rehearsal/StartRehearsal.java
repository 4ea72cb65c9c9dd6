package io.longhaul.agent.rehearsal;

import io.longhaul.engine.rehearsal.Rehearsal;
import io.longhaul.engine.rehearsal.RehearsalException;
import io.longhaul.engine.rehearsal.Rehearsed;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rehearsal of this agent. Thread safe. It is held once, on a thread of its own; one that fails is a line in the log,
 * for the first migration is then as slow as it would have been.
 */
public final class StartRehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(StartRehearsal.class);
    private static final double MEGABYTE = 1e6;

    private final Optional<Source> source;
    private boolean over;
    private @Nullable Rehearsal running;

    /** @param source absent where none is wanted */
    public StartRehearsal(Optional<Source> source) {
        this.source = source;
    }

    /** Makes the rehearsal when it is to be held: keys and certificates take their time. */
    public interface Source {
        Rehearsal make() throws GeneralSecurityException;
    }

    /** Returns at once. Nothing where it was ended before. */
    public synchronized void start(ThreadFactory threads) {
        if (!over) {
            source.ifPresent(wanted -> threads.newThread(() -> hold(wanted)).start());
        }
    }

    /** Ends it at once, and for good. Idempotent; does not wait. */
    public synchronized void end() {
        over = true;
        if (running != null) {
            running.stop();
        }
    }

    private void hold(Source wanted) {
        try {
            Rehearsal rehearsal = wanted.make();
            if (begins(rehearsal)) {
                tell(rehearsal.run());
            }
        } catch (RehearsalException | GeneralSecurityException | RuntimeException e) {
            LOG.warn("The rehearsal of a transfer failed; the first migration will be slower for it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    private synchronized boolean begins(Rehearsal rehearsal) {
        if (!over) {
            running = rehearsal;
        }
        return !over;
    }

    private static void tell(Rehearsed rehearsed) {
        LOG.info(
                "Rehearsed a transfer for {} ms ({}): {} MB, {} MB/s at first and {} MB/s at last",
                rehearsed.lasted().toMillis(),
                rehearsed.ending().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                Math.round(rehearsed.bytes() / MEGABYTE),
                Math.round(rehearsed.bytesPerSecondAtFirst() / MEGABYTE),
                Math.round(rehearsed.bytesPerSecondAtLast() / MEGABYTE));
    }
}
