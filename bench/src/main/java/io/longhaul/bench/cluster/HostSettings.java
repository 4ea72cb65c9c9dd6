package io.longhaul.bench.cluster;

import java.util.Map;

/**
 * One agent. Immutable.
 *
 * @param name the host's name
 * @param port of the agent's HTTP
 * @param transferPort where it takes transfers; 0 for a free one
 * @param properties further ones, by their names
 */
public record HostSettings(String name, String site, int port, int transferPort, Map<String, String> properties) {

    public HostSettings {
        properties = Map.copyOf(properties);
    }

    public HostSettings(String name, String site, int port) {
        this(name, site, port, 0, Map.of());
    }

    public HostSettings with(Map<String, String> more) {
        return new HostSettings(name, site, port, transferPort, more);
    }
}
