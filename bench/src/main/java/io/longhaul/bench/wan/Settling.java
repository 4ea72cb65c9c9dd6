package io.longhaul.bench.wan;

import java.time.Duration;

/** The time that a guest works undisturbed, before a move and after it. Stateless. */
final class Settling {
    static final Duration LONG = Duration.ofSeconds(10);
    /** Where many moves are made, and what comes after them is not asked for. */
    static final Duration SHORT = Duration.ofSeconds(3);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Settling() {}

    /** Returns when the guest has been seen at work for the whole span from now on. */
    static void await(SerialLog log, Duration span) {
        long end = System.nanoTime() + span.toNanos();
        if (!log.await(entry -> entry.atNanos() >= end, end + PATIENCE.toNanos())) {
            throw new WanException("The guest has said nothing for " + PATIENCE.toSeconds() + " s");
        }
    }
}
