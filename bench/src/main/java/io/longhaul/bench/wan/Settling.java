package io.longhaul.bench.wan;

import java.time.Duration;

/** The time that a guest works undisturbed, before a move and after it. Stateless. */
final class Settling {
    private static final Duration SPAN = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Settling() {}

    /** Returns when the guest has been seen at work for the whole span from now on. */
    static void awaitSeconds(SerialLog log) {
        long end = System.nanoTime() + SPAN.toNanos();
        if (!log.await(entry -> entry.atNanos() >= end, end + PATIENCE.toNanos())) {
            throw new WanException("The guest has said nothing for " + PATIENCE.toSeconds() + " s");
        }
    }
}
