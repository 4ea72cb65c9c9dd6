package io.longhaul.bench.endtoend;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other processes do and no event tells of. Stateless. */
final class Waiting {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Waiting() {}

    /** Fails with the description of what is there instead. */
    static void until(String what, Duration deadline, BooleanSupplier condition, Supplier<String> seen) {
        long endNanos = System.nanoTime() + deadline.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNanos) {
                throw new AssertionError(
                        "Waited " + deadline.toSeconds() + " s in vain for " + what + "; seen: " + seen.get());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
