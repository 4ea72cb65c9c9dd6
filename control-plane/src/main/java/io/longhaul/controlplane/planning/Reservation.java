package io.longhaul.controlplane.planning;

import java.util.Map;

/** What a migration takes at its destination. */
public record Reservation(long memoryBytes, Map<String, Long> poolBytes) {

    public static final Reservation NOTHING = new Reservation(0, Map.of());

    public Reservation {
        poolBytes = Map.copyOf(poolBytes);
    }

    /** The share that has not been used yet: what the host's own figures do not show. */
    public Reservation remaining(boolean memoryTaken, double disksDone) {
        Map<String, Long> left = new java.util.HashMap<>();
        poolBytes.forEach((pool, bytes) -> left.put(pool, Math.round(bytes * (1 - disksDone))));
        return new Reservation(memoryTaken ? 0 : memoryBytes, left);
    }
}
