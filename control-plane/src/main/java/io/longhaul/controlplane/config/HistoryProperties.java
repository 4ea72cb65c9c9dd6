package io.longhaul.controlplane.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What is remembered of migrations that are over.
 *
 * @param keep a migration that ended so long ago is deleted, with its history, its receipt and what a host that never
 *     came back was still to be told of it
 */
@Validated
@ConfigurationProperties("longhaul.history")
public record HistoryProperties(@DefaultValue("90d") Duration keep) {

    public HistoryProperties {
        if (keep.isNegative() || keep.isZero()) {
            throw new IllegalArgumentException("longhaul.history.keep is " + keep + "; it must be positive");
        }
    }
}
