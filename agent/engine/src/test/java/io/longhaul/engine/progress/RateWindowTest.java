package io.longhaul.engine.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RateWindowTest {
    private final RateWindow window = new RateWindow();

    private void at(long millis, long total) {
        window.add(TimeUnit.MILLISECONDS.toNanos(millis), total);
    }

    @Test
    void aBurstIsNoRate() {
        at(0, 0);
        at(50, 32_000_000);
        assertThat(window.perSecond()).isZero();
        assertThat(window.peakPerSecond()).isZero();
    }

    @Test
    void theRateIsOfTheLastMomentAndThePeakStays() {
        for (int step = 0; step <= 40; step++) {
            at(step * 50L, step * 5_000L);
        }
        assertThat(window.perSecond()).isEqualTo(100_000);
        for (int step = 41; step <= 80; step++) {
            at(step * 50L, 200_000);
        }
        assertThat(window.perSecond()).isZero();
        assertThat(window.peakPerSecond()).isEqualTo(100_000);
    }
}
