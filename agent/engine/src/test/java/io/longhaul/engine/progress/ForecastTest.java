package io.longhaul.engine.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.progress.Forecast.Outlook;
import org.junit.jupiter.api.Test;

final class ForecastTest {
    private static final long MB = 1_000_000;

    private static Outlook outlook(long disk, long memory, long written, long dirtied, long rate, long peak) {
        return new Outlook(disk, memory, true, written, dirtied, rate, peak, 100, 300, 0);
    }

    @Test
    void theEndLiesBetweenTheBestRateAndThePresentOneLessWhatTheGuestMakes() {
        Forecast forecast = Forecast.of(outlook(60 * MB, 40 * MB, 1 * MB, 4 * MB, 10 * MB, 20 * MB));

        assertThat(forecast.end()).hasValueSatisfying(range -> {
            assertThat(range.low()).isEqualTo(5_000 + 50 + 30);
            assertThat(range.high()).isEqualTo(20_000 + 50 + 150 + 300);
            assertThat(range.middle()).isBetween(range.low(), range.high());
        });
        assertThat(forecast.reason())
                .isEqualTo("60.0 MB of disk and 40.0 MB of memory left at 10.0 MB/s; "
                        + "the guest dirties 4.0 MB/s of memory and writes 1.0 MB/s.");
    }

    @Test
    void theDowntimeIsOneWayAndTheHandoverWhereNothingGetsDirty() {
        assertThat(Forecast.of(outlook(0, 40 * MB, 0, 0, 10 * MB, 10 * MB)).downtime())
                .contains(new MillisRange(80, 200));
    }

    @Test
    void memoryThatWasNeverUsedIsNotExpectedToCostAnything() {
        Outlook before = new Outlook(0, 1_000 * MB, false, 0, 0, 100 * MB, 100 * MB, Double.NaN, 300, 0);
        assertThat(Forecast.of(before).end()).contains(new MillisRange(2_030, 10_150));
    }

    @Test
    void thereIsNoEndInSightWhereTheGuestMakesAsMuchAsTheLinkCarries() {
        Forecast forecast = Forecast.of(outlook(0, 64 * MB, 0, 100 * MB, 100 * MB, 110 * MB));
        assertThat(forecast.end()).isEmpty();
        assertThat(forecast.downtime()).isEmpty();
        assertThat(forecast.reason())
                .isEqualTo("The guest dirties memory as fast as the link carries it, 100 MB/s of 100 MB/s: "
                        + "no end in sight.");
    }

    @Test
    void saysNothingWithoutARate() {
        assertThat(Forecast.of(outlook(1, 1, 0, 0, 0, 0)).end()).isEmpty();
    }

    @Test
    void anOutageIsTheReasonAndNotTheGuest() {
        Forecast forecast = Forecast.of(new Outlook(1, 1, true, 5, 5, 0, 9, 100, 300, 12_000));
        assertThat(forecast.end()).isEmpty();
        assertThat(forecast.reason()).startsWith("The link has been away for 12 s");
    }

    @Test
    void bytesAreSaidShortly() {
        assertThat(Forecast.bytes(999)).isEqualTo("999 B");
        assertThat(Forecast.bytes(4_120_000_000L)).isEqualTo("4.1 GB");
        assertThat(Forecast.bytes(98_400_000)).isEqualTo("98.4 MB");
        assertThat(Forecast.bytes(Long.MAX_VALUE)).isEqualTo("9.2 EB");
    }
}
