package io.longhaul.controlplane.canary;

import java.time.Instant;

/** Breaks a rule of ArchitectureTest on purpose. */
public final class Canary {

    private Canary() {}

    public static Instant readsTheClock() {
        return Instant.now();
    }
}
