package io.longhaul.engine.storage;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Migrations of a machine's disks in one thread, with a guest that writes at every point where threads could meet, over a
 * link that loses and reorders, between sides that are restarted: see {@link DiskSimulation}. {@code -Dlonghaul.seeds=N} runs
 * so many, {@code -Dlonghaul.seed=S} the one that failed.
 */
final class DiskTransferSimulationTest {
    private static final int SEEDS = 2000;
    private static final long NONE = -1;

    private volatile long seed = NONE;

    /** A seed takes milliseconds; the thread is another one, since a simulation that goes round for ever hears nobody. */
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @Test
    void destinationEqualsSourceWhateverTheOrder() throws IOException, InterruptedException {
        Long single = Long.getLong("longhaul.seed");
        long first = single == null ? 1 : single;
        long last = single == null ? Long.getLong("longhaul.seeds", SEEDS) : first;
        for (seed = first; seed <= last; seed++) {
            try {
                new DiskSimulation(seed).run();
            } catch (AssertionError | LinkException | RuntimeException e) {
                throw new AssertionError("failed; repeat with -Dlonghaul.seed=" + seed, e);
            }
        }
        seed = NONE;
    }

    @AfterEach
    void sayWhichSeedWasUnderWay() {
        if (seed != NONE) {
            System.out.println("ended with -Dlonghaul.seed=" + seed);
        }
    }
}
