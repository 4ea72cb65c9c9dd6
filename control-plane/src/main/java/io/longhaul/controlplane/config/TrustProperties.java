package io.longhaul.controlplane.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long certificates and join tokens are good.
 *
 * @param certificateLife of an agent's, which renews it after two thirds; also how long a new authority is made known
 *     before it issues anything
 * @param authorityLife of the authority's own
 * @param joinTokenLife of a join token whose maker names no time
 */
@Validated
@ConfigurationProperties("longhaul.trust")
public record TrustProperties(
        @DefaultValue("30d") Duration certificateLife,
        @DefaultValue("3650d") Duration authorityLife,
        @DefaultValue("1h") Duration joinTokenLife) {

    public TrustProperties {
        if (certificateLife.toMinutes() < 10 || joinTokenLife.toSeconds() < 1) {
            throw new IllegalArgumentException("longhaul.trust.certificate-life is " + certificateLife
                    + " and join-token-life " + joinTokenLife
                    + "; expected at least 10 minutes, for clocks differ by some, and at least a second");
        }
        if (authorityLife.compareTo(certificateLife.multipliedBy(4)) < 0) {
            throw new IllegalArgumentException("longhaul.trust.authority-life is " + authorityLife
                    + "; it must be at least four certificate lives (" + certificateLife
                    + "), or a successor could not be made known in time");
        }
    }
}
