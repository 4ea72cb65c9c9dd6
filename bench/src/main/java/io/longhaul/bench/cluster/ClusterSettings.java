package io.longhaul.bench.cluster;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What is started, and where it keeps its things. Immutable.
 *
 * @param dataFolder everything is below it, except sockets where its path is too long for them
 * @param controlPlaneProperties further ones, by their names
 */
public record ClusterSettings(
        ProgramJars jars,
        Path dataFolder,
        int controlPlanePort,
        Map<String, String> controlPlaneProperties,
        List<HostSettings> hosts) {

    /** A unix socket's path has 107 bytes, of which an agent takes 60 for the name and we 15 for the host's. */
    private static final int LONGEST_SOCKET_ROOT = 32;

    public ClusterSettings {
        dataFolder = dataFolder.toAbsolutePath().normalize();
        controlPlaneProperties = Map.copyOf(controlPlaneProperties);
        hosts = List.copyOf(hosts);
    }

    public Path controlPlaneFolder() {
        return dataFolder.resolve("control-plane");
    }

    public Path hostFolder(String host) {
        return dataFolder.resolve(host);
    }

    /** The pool "default" of a host. */
    public Path poolFolder(String host) {
        return hostFolder(host).resolve("pool");
    }

    public Path logFolder() {
        return dataFolder.resolve("logs");
    }

    public Path processFolder() {
        return dataFolder.resolve("processes");
    }

    public Path socketFolder(String host) {
        return socketRoot().resolve(host);
    }

    /** The same at every start with the same data folder, so that agents find their guests again. */
    Path socketRoot() {
        Path inside = dataFolder.resolve("s");
        byte[] path = inside.toString().getBytes(StandardCharsets.UTF_8);
        if (path.length <= LONGEST_SOCKET_ROOT) {
            return inside;
        }
        String name = UUID.nameUUIDFromBytes(path).toString().substring(0, 8);
        return Path.of("/tmp", "longhaul-" + name);
    }

    /** Where agents report, with TLS. */
    public int agentsPort() {
        return Integer.parseInt(controlPlaneProperties.getOrDefault("longhaul.agents-port", "8443"));
    }

    String agentsUrl() {
        return "https://" + controlPlaneProperties.getOrDefault("longhaul.agents-address", "127.0.0.1") + ":"
                + agentsPort();
    }

    public String controlPlaneUrl() {
        return "http://" + controlPlaneProperties.getOrDefault("server.address", "127.0.0.1") + ":" + controlPlanePort;
    }
}
