package io.longhaul.controlplane.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How many migrations run at a time.
 *
 * @param maxRunning in all
 * @param maxRunningPerHost on one host, as source or destination
 * @param maxQueued more are refused, so that the queue stays bounded
 */
@Validated
@ConfigurationProperties("longhaul.scheduling")
public record SchedulingProperties(
        @Min(1) @Max(1000) @DefaultValue("8") int maxRunning,
        @Min(1) @Max(1000) @DefaultValue("2") int maxRunningPerHost,
        @Min(1) @Max(100_000) @DefaultValue("1000") int maxQueued) {}
