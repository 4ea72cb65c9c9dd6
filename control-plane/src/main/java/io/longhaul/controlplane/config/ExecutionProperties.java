package io.longhaul.controlplane.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How started migrations are driven.
 *
 * @param retryFirst pause before a command is sent again the first time; it doubles from then on
 * @param retryMost the longest such pause
 * @param reportStaleAfter a side that was silent for so long is asked
 * @param resolutionAfter how long a source that has sent GRANT may take to learn the decision by itself
 * @param cleanUpWait how long a move waits for the agents to tidy up before it is COMPLETED without; they are still told
 * @param progressStoreInterval progress is stored at most this often
 */
@Validated
@ConfigurationProperties("longhaul.execution")
public record ExecutionProperties(
        @DefaultValue("200ms") Duration retryFirst,
        @DefaultValue("5s") Duration retryMost,
        @DefaultValue("3s") Duration reportStaleAfter,
        @DefaultValue("1s") Duration resolutionAfter,
        @DefaultValue("30s") Duration cleanUpWait,
        @DefaultValue("2s") Duration progressStoreInterval) {

    public ExecutionProperties {
        requirePositive("retry-first", retryFirst);
        requirePositive("report-stale-after", reportStaleAfter);
        requirePositive("progress-store-interval", progressStoreInterval);
        if (retryMost.compareTo(retryFirst) < 0) {
            throw new IllegalArgumentException("longhaul.execution.retry-most is " + retryMost
                    + "; it must not be shorter than retry-first, " + retryFirst);
        }
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("longhaul.execution." + key + " is " + value + "; it must be positive");
        }
    }
}
