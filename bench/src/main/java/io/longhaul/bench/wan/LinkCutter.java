package io.longhaul.bench.wan;

import io.longhaul.client.model.MigrationState;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the link once, as soon as a part of the move is well under way, and mends it. Told of states by one thread; cuts
 * on a thread of its own.
 */
final class LinkCutter implements AutoCloseable {
    /** Enough that data is on the way in all connections, and less than any disk or memory has. */
    private static final long WELL_UNDER_WAY_BYTES = 8L << 20;

    private static final long LOOK_MILLIS = 2;

    private final LinkCut cut;
    private final WanLink link;
    private final Traffic traffic;
    private final Consumer<String> say;
    private @Nullable Thread thread;
    private volatile boolean done;

    LinkCutter(LinkCut cut, WanLink link, Traffic traffic, Consumer<String> say) {
        this.cut = cut;
        this.link = link;
        this.traffic = traffic;
        this.say = say;
    }

    void onState(MigrationState state) {
        MigrationState wanted = switch (cut.part()) {
            case DISK -> MigrationState.COPYING_DISKS;
            case MEMORY -> MigrationState.COPYING_MEMORY;
        };
        if (thread == null && state == wanted) {
            thread = new Thread(this::run, "cutter");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Whether the link has been cut and mended. */
    boolean done() {
        return done;
    }

    private void run() {
        try {
            long start = traffic.bytesNow();
            while (traffic.bytesNow() - start < WELL_UNDER_WAY_BYTES) {
                Thread.sleep(LOOK_MILLIS);
            }
            link.cut();
            say.accept("  the link is cut for " + cut.length().toSeconds() + " s");
            try {
                Thread.sleep(cut.length().toMillis());
            } finally {
                link.mend();
            }
            done = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The move has ended: what has not been cut by now is not cut. */
    @Override
    public void close() {
        Thread started = thread;
        if (started == null) {
            return;
        }
        started.interrupt();
        try {
            started.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
