package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HoldLimitTest {
    private static final int PAGE = QemuStream.PAGE_BYTES;

    private final AtomicLong budget = new AtomicLong(10 * PAGE);
    private final AtomicBoolean deferring = new AtomicBoolean();
    private final HoldLimit limit = new HoldLimit(
            MemoryPorts.plain(Ticker.system()).withBudget(budget::get).withDeferral(deferring::get));

    @Test
    void theSwitchoversBudgetIsTheLimitUnlessRoundsAreLong() {
        round(100);
        assertThat(limit.bytes()).isEqualTo(10 * PAGE);
        budget.set(3 * PAGE);
        assertThat(limit.bytes()).isEqualTo(3 * PAGE);
    }

    @Test
    void whileRoundsAreLongAsMuchAsTheLastOneBroughtMayBeHeld() {
        deferring.set(true);
        assertThat(limit.bytes()).as("before any round has ended").isEqualTo(10 * PAGE);
        round(100);
        assertThat(limit.bytes()).isEqualTo(100 * PAGE);
        round(40);
        assertThat(limit.bytes()).as("shrinks as rounds do").isEqualTo(40 * PAGE);
        round(4);
        assertThat(limit.bytes()).as("but not below the budget").isEqualTo(10 * PAGE);
    }

    @Test
    void aRoundUnderWayCountsFromItsBeginningAndDoesNotRaiseTheLimit() {
        deferring.set(true);
        round(20);
        pages(7);
        assertThat(limit.roundBytes()).isEqualTo(7 * PAGE);
        assertThat(limit.bytes()).isEqualTo(20 * PAGE);
        limit.round();
        assertThat(limit.roundBytes()).isZero();
    }

    private void round(int pages) {
        pages(pages);
        limit.round();
    }

    private void pages(int count) {
        for (int page = 0; page < count; page++) {
            limit.page();
        }
    }
}
