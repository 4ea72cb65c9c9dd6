package io.longhaul.controlplane.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The limits of the HTTP API.
 *
 * @param maxBody larger request bodies are refused before they are read
 * @param maxReport the same for what agents report, which grows with the machines of a host
 * @param maxWatchers held-back answers and event streams at a time; more waits are answered at once, more streams refused
 * @param progressEventInterval an event stream carries progress at most this often
 * @param idempotencyKeyLife how long the answer to an Idempotency-Key is kept
 */
@Validated
@ConfigurationProperties("longhaul.api")
public record ApiProperties(
        @DefaultValue("1MB") DataSize maxBody,
        @DefaultValue("16MB") DataSize maxReport,
        @Min(1) @Max(100_000) @DefaultValue("1000") int maxWatchers,
        @DefaultValue("500ms") Duration progressEventInterval,
        @DefaultValue("24h") Duration idempotencyKeyLife) {}
