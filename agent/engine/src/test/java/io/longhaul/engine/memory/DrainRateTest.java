package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DrainRateTest {
    private static final long MILLI = 1_000_000;

    @Test
    void isUnknownUntilMeasured() {
        DrainRate rate = new DrainRate(0);
        assertThat(rate.nanosFor(1 << 20)).isZero();
        rate.drained(1000, 50 * MILLI);
        assertThat(rate.perSecond()).isZero();
    }

    @Test
    void isTheFastestOfTheLastSamplesInWhichTheLinkWasWaitedFor() {
        DrainRate rate = new DrainRate(0);
        rate.drained(10_000_000, 100 * MILLI);
        rate.waited();
        rate.drained(11_000_000, 200 * MILLI);
        assertThat(rate.perSecond()).isEqualTo(100_000_000);
        assertThat(rate.nanosFor(1_000_000)).isEqualTo(10 * MILLI);
        for (int sample = 3; sample < 30; sample++) {
            rate.waited();
            rate.drained(11_000_000 + (sample - 2) * 1_000_000L, sample * 100L * MILLI);
        }
        assertThat(rate.perSecond()).isEqualTo(10_000_000);
    }

    @Test
    void littleToSendIsNoSlowLink() {
        DrainRate rate = new DrainRate(0);
        rate.drained(10_000_000, 100 * MILLI);
        for (int sample = 2; sample < 60; sample++) {
            rate.drained(10_000_000 + sample, sample * 100L * MILLI);
        }
        assertThat(rate.perSecond()).isEqualTo(100_000_000);
    }

    @Test
    void timeWithNothingUnderWayDoesNotCount() {
        DrainRate rate = new DrainRate(0);
        rate.drained(1000, 10 * MILLI);
        rate.resumed(10_000 * MILLI);
        rate.drained(10_001_000, 10_100 * MILLI);
        assertThat(rate.perSecond()).isEqualTo(100_000_000);
    }
}
