package io.longhaul.engine.session;

/** The host's wall clock, in epoch milliseconds. Thread safe. */
@FunctionalInterface
public interface WallClock {
    long nowMillis();
}
