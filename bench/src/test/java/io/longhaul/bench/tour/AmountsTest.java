package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AmountsTest {

    @Test
    void bytesHaveThreeDigitsAndABinaryUnit() {
        assertThat(Amounts.bytes(0L)).isEqualTo("0 B");
        assertThat(Amounts.bytes(999L)).isEqualTo("999 B");
        assertThat(Amounts.bytes(1023L)).isEqualTo("1.00 KiB");
        assertThat(Amounts.bytes(64L << 20)).isEqualTo("64.0 MiB");
        assertThat(Amounts.bytes(1L << 30)).isEqualTo("1.00 GiB");
        assertThat(Amounts.bytes(Long.MAX_VALUE)).isEqualTo("8192 PiB");
        assertThat(Amounts.bytes(null)).isEqualTo("?");
    }

    @Test
    void timesGoFromMillisecondsToMinutes() {
        assertThat(Amounts.millis(0.25)).isEqualTo("0.25 ms");
        assertThat(Amounts.millis(180)).isEqualTo("180 ms");
        assertThat(Amounts.millis(12_340)).isEqualTo("12.3 s");
        assertThat(Amounts.millis(200_000)).isEqualTo("3 min 20 s");
    }
}
