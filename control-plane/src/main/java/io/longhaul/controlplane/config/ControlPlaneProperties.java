package io.longhaul.controlplane.config;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where the control plane keeps what it must not lose.
 *
 * @param dataFolder holds the database and the secret shared with the agents; made at first start
 */
@Validated
@ConfigurationProperties("longhaul")
public record ControlPlaneProperties(
        @NotNull @DefaultValue("./longhaul-data") Path dataFolder) {}
