package io.longhaul.engine.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlingTest {
    private final Settling settling = new Settling();

    @Test
    void isNotSettledWhileItGetsFaster() {
        for (int slice = 1; slice < 30; slice++) {
            settling.slice(slice * 10.0);
            assertThat(settling.isSettled()).isFalse();
        }
        assertThat(settling.first()).isEqualTo(10);
        assertThat(settling.bestOfNewest()).isEqualTo(290);
    }

    @Test
    void isSettledWhenTheNewestSlicesAreNoFasterThanThoseBefore() {
        slices(10, 20, 40, 80, 160, 161, 159);
        assertThat(settling.isSettled()).isFalse();
        slices(162, 160);
        assertThat(settling.isSettled()).isTrue();
    }

    @Test
    void aSlowSliceAmongFasterOnesSettlesNothing() {
        slices(10, 20, 30, 40, 50, 5, 60, 70);
        assertThat(settling.isSettled()).isFalse();
    }

    @Test
    void aFewSlicesSayNothing() {
        slices(10, 10, 10, 10, 10, 10, 10);
        assertThat(settling.isSettled()).isFalse();
    }

    private void slices(double... rates) {
        for (double rate : rates) {
            settling.slice(rate);
        }
    }
}
