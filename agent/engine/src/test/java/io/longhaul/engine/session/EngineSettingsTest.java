package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class EngineSettingsTest {
    @Test
    void aPauseThatThePolicyAllowsIsNotBrokenOff() {
        Duration allowed = Duration.ofSeconds(60);
        TransferPolicy policy = new TransferPolicy(allowed, OptionalLong.empty(), true);
        assertThat(EngineSettings.DEFAULT.longestPause(policy)).isGreaterThan(allowed);
    }
}
