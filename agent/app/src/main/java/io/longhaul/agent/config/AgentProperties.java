package io.longhaul.agent.config;

import io.longhaul.engine.transport.CongestionControl;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What an operator can set; a key that is not here stops the start.
 *
 * @param hostName this host's name in the control plane; required
 * @param site hosts of one site are near each other; required
 * @param controlPlaneUrl where the control plane listens for agents
 * @param joinToken by which the host joins; better kept in a file
 * @param joinTokenFile file with the join token; needed until the host has its certificate
 * @param dataFolder everything the agent keeps
 * @param socketFolder QEMU's sockets; a short path, for a socket's path has at most 107 bytes
 * @param advertiseUrl where the control plane and other agents reach this agent
 * @param transferAddress host:port to listen on for transfers; port 0 takes a free one
 * @param transferConnections the most TCP connections that carry a migration from this host; near ones need fewer
 * @param transferCongestionControl how transfer connections find out how fast they may send: bbr, or as the system is set
 * @param transferAdvertisedHost host that other agents connect to; the listening one where absent
 * @param templateFolder images that disks of arriving machines may begin with; the data folder's {@code templates} where
 *     absent
 * @param pools name to folder
 * @param networks name to network
 * @param memoryLimit most memory given to guests; all of the host's where absent
 * @param bootFileLimit largest firmware, kernel or initial RAM disk
 * @param stopTimeout how long a guest may take to power off
 * @param rehearsal whether the agent rehearses a transfer with itself when it has started, so that its first is fast
 */
@Validated
@ConfigurationProperties(prefix = "longhaul.agent", ignoreUnknownFields = false)
public record AgentProperties(
        @NotNull(message = "longhaul.agent.host-name must be set: this host's name in the control plane")
        @Pattern(
                regexp = "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?",
                message = "longhaul.agent.host-name must have 1 to 63 lower-case letters, digits, dots, hyphens")
        @Nullable
        String hostName,

        @NotNull(message = "longhaul.agent.site must be set: hosts of one site are near each other")
        @Pattern(
                regexp = "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?",
                message = "longhaul.agent.site must have 1 to 63 lower-case letters, digits, dots, hyphens")
        @Nullable
        String site,

        @DefaultValue("https://127.0.0.1:8443") URI controlPlaneUrl,
        @Nullable String joinToken,
        @DefaultValue("./longhaul-data/join-token") Path joinTokenFile,
        @DefaultValue("./longhaul-agent-data") Path dataFolder,
        @Nullable Path socketFolder,
        @Nullable URI advertiseUrl,

        @DefaultValue("127.0.0.1:0")
        @Pattern(
                regexp = ".+:[0-9]{1,5}",
                message = "longhaul.agent.transfer-address must be host:port, such as 0.0.0.0:7071")
        String transferAddress,

        @DefaultValue("16") @Min(1) @Max(64) int transferConnections,
        @DefaultValue("bbr") CongestionControl transferCongestionControl,
        @Nullable String transferAdvertisedHost,
        @Nullable Path templateFolder,
        @DefaultValue Map<String, Path> pools,
        @DefaultValue Map<String, @Valid NetworkProperties> networks,
        @Nullable DataSize memoryLimit,
        @DefaultValue("512MB") DataSize bootFileLimit,
        @DefaultValue("60s") Duration stopTimeout,
        @DefaultValue("true") boolean rehearsal) {

    /**
     * @param kind user (QEMU's own address translation) or bridge
     * @param bridge the bridge to join; only and always for kind bridge
     */
    public record NetworkProperties(
            @NotNull(message = "a network needs a kind: user or bridge")
            @Pattern(regexp = "user|bridge", message = "a network's kind must be user or bridge")
            @Nullable
            String kind,

            @Nullable String bridge) {}
}
