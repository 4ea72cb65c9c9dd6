package io.longhaul.engine.support;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Tells the time; handed in so that tests and simulations hold the clock. Thread safe. */
public interface Ticker {

    /** Never goes backwards; only differences mean anything. */
    long nanos();

    /** Microseconds since 1970 by this host's wall clock, which may be stepped. */
    long wallMicros();

    static Ticker system() {
        return new Ticker() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public long wallMicros() {
                return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            }
        };
    }
}
