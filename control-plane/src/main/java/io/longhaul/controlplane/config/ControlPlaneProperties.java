package io.longhaul.controlplane.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where the control plane keeps what it must not lose, and where agents reach it.
 *
 * @param dataFolder holds the database and the authority that issues the agents' certificates; made at first start
 * @param agentsAddress the address that agents report to, apart from the API's
 * @param agentsPort its port, where TLS is spoken; 0 takes a free one
 */
@Validated
@ConfigurationProperties("longhaul")
public record ControlPlaneProperties(
        @NotNull @DefaultValue("./longhaul-data") Path dataFolder,
        @NotNull @DefaultValue("127.0.0.1") String agentsAddress,
        @Min(0) @Max(65_535) @DefaultValue("8443") int agentsPort) {}
