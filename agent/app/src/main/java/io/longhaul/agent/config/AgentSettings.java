package io.longhaul.agent.config;

import io.longhaul.engine.transport.CongestionControl;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** The agent's settings with every default filled in and every folder absolute. Immutable. */
public record AgentSettings(
        String hostName,
        String site,
        URI controlPlaneUrl,
        Path dataFolder,
        Path socketFolder,
        Optional<URI> advertiseUrl,
        InetSocketAddress transferAddress,
        int transferConnections,
        CongestionControl transferCongestionControl,
        Optional<String> transferAdvertisedHost,
        Path templateFolder,
        Map<String, Path> pools,
        Map<String, Network> networks,
        OptionalLong memoryLimitBytes,
        long bootFileLimitBytes,
        Duration stopTimeout,
        boolean rehearsal) {

    /** A socket's path fits in 108 bytes with its final zero; the longest name the agent makes has 60. */
    private static final int LONGEST_SOCKET_FOLDER = 107 - 60;

    private static final int LAST_PORT = 65535;

    public AgentSettings {
        pools = Map.copyOf(pools);
        networks = Map.copyOf(networks);
        if (socketFolder.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_FOLDER) {
            throw new IllegalArgumentException("longhaul.agent.socket-folder is " + socketFolder + " with "
                    + socketFolder.toString().length() + " characters; expected at most " + LONGEST_SOCKET_FOLDER
                    + ", for a unix socket's path has at most 107. Set a shorter one.");
        }
        networks.forEach(AgentSettings::check);
        requireHttps("control-plane-url", controlPlaneUrl);
        advertiseUrl.ifPresent(url -> requireHttps("advertise-url", url));
    }

    private static void requireHttps(String key, URI url) {
        if (!"https".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("longhaul.agent." + key + " is " + url
                    + "; expected an address that begins with https:// and names a host, for control plane and agents "
                    + "speak TLS. Correct it.");
        }
    }

    private static void check(String name, Network network) {
        if (network.bridged() == network.bridge().isEmpty()) {
            throw new IllegalArgumentException("longhaul.agent.networks." + name
                    + ": a network of kind bridge needs the bridge's name, one of kind user must not have it");
        }
    }

    /** Fills in the defaults. */
    public static AgentSettings of(AgentProperties properties, Path temporaryFolder) {
        Path dataFolder = properties.dataFolder().toAbsolutePath().normalize();
        return new AgentSettings(
                Objects.requireNonNull(properties.hostName()),
                Objects.requireNonNull(properties.site()),
                properties.controlPlaneUrl(),
                dataFolder,
                socketFolder(properties, dataFolder, temporaryFolder),
                Optional.ofNullable(properties.advertiseUrl()),
                address(properties.transferAddress()),
                properties.transferConnections(),
                properties.transferCongestionControl(),
                Optional.ofNullable(properties.transferAdvertisedHost()),
                Objects.requireNonNullElse(properties.templateFolder(), dataFolder.resolve("templates"))
                        .toAbsolutePath()
                        .normalize(),
                pools(properties, dataFolder),
                networks(properties),
                properties.memoryLimit() == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(properties.memoryLimit().toBytes()),
                properties.bootFileLimit().toBytes(),
                properties.stopTimeout(),
                properties.rehearsal());
    }

    private static Path socketFolder(AgentProperties properties, Path dataFolder, Path temporaryFolder) {
        if (properties.socketFolder() != null) {
            return properties.socketFolder().toAbsolutePath().normalize();
        }
        return temporaryFolder.toAbsolutePath().resolve("longhaul-" + eightHexDigits(dataFolder.toString()));
    }

    private static String eightHexDigits(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    private static InetSocketAddress address(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        if (Integer.parseInt(hostAndPort.substring(colon + 1)) > LAST_PORT) {
            throw new IllegalArgumentException("longhaul.agent.transfer-address is " + hostAndPort
                    + "; expected host:port with a port of at most " + LAST_PORT + ". Correct it.");
        }
        return new InetSocketAddress(
                hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort.substring(colon + 1)));
    }

    private static Map<String, Path> pools(AgentProperties properties, Path dataFolder) {
        if (properties.pools().isEmpty()) {
            return Map.of("default", dataFolder.resolve("pool"));
        }
        Map<String, Path> pools = new LinkedHashMap<>();
        properties
                .pools()
                .forEach((name, folder) ->
                        pools.put(name, folder.toAbsolutePath().normalize()));
        return pools;
    }

    private static Map<String, Network> networks(AgentProperties properties) {
        if (properties.networks().isEmpty()) {
            return Map.of("default", new Network(false, Optional.empty()));
        }
        Map<String, Network> networks = new LinkedHashMap<>();
        properties
                .networks()
                .forEach((name, network) -> networks.put(
                        name, new Network("bridge".equals(network.kind()), Optional.ofNullable(network.bridge()))));
        return networks;
    }

    /**
     * @param bridged joins a bridge; else QEMU's own address translation
     */
    public record Network(boolean bridged, Optional<String> bridge) {
        public String kind() {
            return bridged ? "bridge" : "user";
        }
    }
}
