package io.longhaul.engine.transport;

import java.time.Duration;

/**
 * Between tries to open a connection: from 100 ms to 2 s, often enough that a link that is back is noticed, and no load on
 * one that is not. Pure.
 */
final class Pauses {
    static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private Pauses() {}

    static Duration longer(Duration pause) {
        return pause.isZero() ? FIRST : shorter(pause.multipliedBy(2), LONGEST);
    }

    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
