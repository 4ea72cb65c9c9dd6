package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PageHistoryTest {
    private final PageHistory history = history(1000, PageHistory.CELLS_LIMIT);

    private static PageHistory history(long pages, int cells) {
        return new PageHistory(new RamLayout(1, true, List.of(new RamBlock("a", pages), new RamBlock("b", 10))), cells);
    }

    @Test
    void aPageIsHotWhenItCameAgainTwice() {
        assertThat(history.seen(0, 5, 1)).isFalse();
        assertThat(history.seen(0, 5, 2)).isFalse();
        assertThat(history.seen(0, 5, 3)).isTrue();
        assertThat(history.seen(0, 6, 3)).isFalse();
    }

    @Test
    void comingTwiceInOneRoundIsNoHeat() {
        for (int time = 0; time < 10; time++) {
            assertThat(history.seen(1, 5, 3)).isFalse();
        }
    }

    @Test
    void itCoolsWithTheRoundsInWhichItDoesNotCome() {
        for (int round = 1; round <= 4; round++) {
            history.seen(0, 5, round);
        }
        assertThat(history.seen(0, 5, 9)).isFalse();
    }

    @Test
    void aGuestOfAnySizeCostsTheSame() {
        PageHistory small = history(1L << 28, 1024);
        assertThat(small.seen(0, (1L << 28) - 1, 1)).isFalse();
        small.seen(0, (1L << 28) - 2, 2);
        assertThat(small.seen(0, (1L << 28) - 1, 3))
                .as("neighbours share a cell")
                .isTrue();
        assertThat(small.seen(1, 9, 3)).isIn(true, false);
    }
}
