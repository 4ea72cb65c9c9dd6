package io.longhaul.controlplane.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How hosts are watched.
 *
 * @param heartbeatInterval what agents are told at registration; whole seconds
 * @param offlineAfter a host that was silent for so long is OFFLINE
 */
@Validated
@ConfigurationProperties("longhaul.hosts")
public record HostsProperties(
        @DefaultValue("2s") Duration heartbeatInterval,
        @DefaultValue("10s") Duration offlineAfter) {

    public HostsProperties {
        if (heartbeatInterval.toSeconds() < 1) {
            throw new IllegalArgumentException("longhaul.hosts.heartbeat-interval is " + heartbeatInterval
                    + "; it must be at least one second, the unit agents are told");
        }
        if (offlineAfter.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException("longhaul.hosts.offline-after is " + offlineAfter
                    + "; it must be at least two heartbeat intervals, or one lost heartbeat takes a host offline");
        }
    }
}
