package io.longhaul.controlplane.planning;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything a plan depends on.
 *
 * @param pools pool at the source to pool at the destination; one not listed stays
 * @param networks the same for networks
 * @param seededDisks disks for which a template is named
 * @param reserved what other migrations will still take at the destination
 */
public record PlanRequest(
        Machine machine,
        HostSnapshot source,
        HostSnapshot destination,
        Map<String, String> pools,
        Map<String, String> networks,
        Set<String> seededDisks,
        List<Reservation> reserved) {}
