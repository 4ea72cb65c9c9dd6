package io.longhaul.bench.cluster;

import java.util.List;
import java.util.Map;

/**
 * One agent. Immutable.
 *
 * @param name the host's name
 * @param port of the agent's HTTP
 * @param transferPort where it takes transfers; 0 for a free one
 * @param properties further ones, by their names; they win over those that follow from the other settings
 * @param launcher command that the agent's own is an argument of, such as {@code ip netns exec NAME}; empty for none
 */
public record HostSettings(
        String name, String site, int port, int transferPort, Map<String, String> properties, List<String> launcher) {

    public HostSettings {
        properties = Map.copyOf(properties);
        launcher = List.copyOf(launcher);
    }

    public HostSettings(String name, String site, int port, int transferPort, Map<String, String> properties) {
        this(name, site, port, transferPort, properties, List.of());
    }

    public HostSettings(String name, String site, int port) {
        this(name, site, port, 0, Map.of());
    }

    public HostSettings with(Map<String, String> more) {
        return new HostSettings(name, site, port, transferPort, more, launcher);
    }
}
