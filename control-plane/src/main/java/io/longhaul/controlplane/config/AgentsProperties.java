package io.longhaul.controlplane.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How agents are called.
 *
 * @param connectTimeout to open a connection
 * @param callTimeout for a command that an agent answers at once
 * @param machineCallTimeout for creating, starting, stopping and deleting a machine
 */
@Validated
@ConfigurationProperties("longhaul.agents")
public record AgentsProperties(
        @DefaultValue("3s") Duration connectTimeout,
        @DefaultValue("10s") Duration callTimeout,
        @DefaultValue("120s") Duration machineCallTimeout) {}
