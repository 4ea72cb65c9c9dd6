package io.longhaul.controlplane.scheduling;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides which waiting migrations may start now. Pure. */
public final class StartDecisions {

    private StartDecisions() {}

    /** A migration with the hosts it takes a place on. */
    public record Contender(String migrationId, String source, String destination) {}

    /** @param perHost counted as source or as destination */
    public record Limits(int running, int perHost) {}

    /** @param waitingFor absent where it may start */
    public record Decision(String migrationId, Optional<String> waitingFor) {}

    /**
     * One that cannot start does not hold up those behind it.
     *
     * @param waiting in the order they are to start
     */
    public static List<Decision> decide(
            List<Contender> waiting, Collection<Contender> running, Set<String> offlineHosts, Limits limits) {
        Map<String, Integer> perHost = new HashMap<>();
        running.forEach(contender -> take(contender, perHost));
        int count = running.size();
        List<Decision> decisions = new ArrayList<>();
        for (Contender contender : waiting) {
            Optional<String> obstacle = obstacle(contender, count, perHost, offlineHosts, limits);
            decisions.add(new Decision(contender.migrationId(), obstacle));
            if (obstacle.isEmpty()) {
                take(contender, perHost);
                count++;
            }
        }
        return decisions;
    }

    private static Optional<String> obstacle(
            Contender contender, int running, Map<String, Integer> perHost, Set<String> offline, Limits limits) {
        if (running >= limits.running()) {
            return Optional.of(running + " of " + limits.running() + " migrations run");
        }
        for (String host : List.of(contender.source(), contender.destination())) {
            if (offline.contains(host)) {
                return Optional.of("agent of " + host + " is offline");
            }
            int there = perHost.getOrDefault(host, 0);
            if (there >= limits.perHost()) {
                return Optional.of(there + " of " + limits.perHost() + " migrations run on " + host);
            }
        }
        return Optional.empty();
    }

    private static void take(Contender contender, Map<String, Integer> perHost) {
        perHost.merge(contender.source(), 1, Integer::sum);
        perHost.merge(contender.destination(), 1, Integer::sum);
    }
}
