package io.longhaul.engine.progress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForecastTest {
    @Test
    void countsWhatIsLeftAtTheRateLessWhatTheGuestMakesDirty() {
        Forecast forecast = Forecast.of(60_000_000, 40_000_000, 0, 10_000_000, 100);
        assertThat(forecast.endMillis()).hasValue(10_050);
        assertThat(forecast.downtimeMillis()).hasValue(50);

        assertThat(Forecast.of(60_000_000, 40_000_000, 5_000_000, 10_000_000, 100)
                        .endMillis())
                .hasValue(20_050);
    }

    @Test
    void saysNothingWhereTheGuestWritesFasterThanTheLinkCarries() {
        assertThat(Forecast.of(0, 1_000, 20, 10, 100).endMillis()).isEmpty();
        assertThat(Forecast.of(0, 1_000, 0, 0, Double.NaN).downtimeMillis()).isEmpty();
    }
}
