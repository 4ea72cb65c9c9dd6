package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class WriteSpreadTest {

    @Test
    void percentilesAreOverAllWritesNotOverSeconds() {
        WriteSpread spread = new WriteSpread();
        for (int second = 0; second < 10; second++) {
            spread.add(Map.of(4000L, 20L));
        }
        spread.add(Map.of(90_000L, 1L));
        assertThat(spread.count()).isEqualTo(201);
        assertThat(spread.percentileMillis(0.5)).hasValue(4);
        assertThat(spread.percentileMillis(0.99)).hasValue(4);
        assertThat(spread.percentileMillis(1)).hasValue(90);
    }

    @Test
    void oneWriteIsEveryPercentile() {
        WriteSpread spread = new WriteSpread();
        spread.add(Map.of(5000L, 1L));
        assertThat(spread.percentileMillis(0.5)).hasValue(5);
        assertThat(spread.percentileMillis(0.99)).hasValue(5);
    }

    @Test
    void noWritesHaveNoPercentiles() {
        assertThat(new WriteSpread().percentileMillis(0.99)).isEmpty();
    }
}
