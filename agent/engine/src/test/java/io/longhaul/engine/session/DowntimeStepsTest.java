package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DowntimeStepsTest {
    private static final Duration CEILING = Duration.ofMillis(300);

    private static DowntimeSteps after(Duration ceiling, long... leftAtRounds) {
        DowntimeSteps steps = DowntimeSteps.first(ceiling);
        for (int index = 0; index < leftAtRounds.length; index++) {
            steps = steps.next(new MemoryStatistics(1_000, leftAtRounds[index], index + 1, 0), ceiling);
        }
        return steps;
    }

    @Test
    void roundsThatShrinkKeepTheLimitLow() {
        assertThat(after(CEILING, 1_000, 100, 50, 20, 5).limit()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void eachRoundThatDoesNotShrinkRaisesIt() {
        assertThat(after(CEILING, 1_000, 100, 100).limit()).isEqualTo(Duration.ofMillis(75));
        assertThat(after(CEILING, 1_000, 100, 90, 85).limit()).isEqualTo(Duration.ofNanos(112_500_000));
    }

    @Test
    void thePolicyIsNeverExceeded() {
        assertThat(after(CEILING, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9).limit()).isEqualTo(CEILING);
        assertThat(after(Duration.ofMillis(20), 9, 9, 9, 9).limit()).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void theSameRoundCountsOnce() {
        DowntimeSteps steps = after(CEILING, 1_000, 100, 100);
        MemoryStatistics again = new MemoryStatistics(1_000, 100, 3, 0);
        assertThat(steps.next(again, CEILING).next(again, CEILING).limit()).isEqualTo(Duration.ofMillis(75));
    }

    @Test
    void aPolicyThatBecameStricterHoldsAtOnce() {
        assertThat(after(CEILING, 1_000, 100, 100)
                        .next(new MemoryStatistics(1_000, 100, 3, 0), Duration.ofMillis(10))
                        .limit())
                .isEqualTo(Duration.ofMillis(10));
    }

    @Test
    void aPolicyThatAllowsMoreHoldsAtOnceAndNotRoundByRound() {
        Duration raised = Duration.ofSeconds(20);
        MemoryStatistics sameRound = new MemoryStatistics(1_000, 100, 3, 0);
        DowntimeSteps steps = after(Duration.ofMillis(1), 1_000, 100, 100).next(sameRound, raised);
        assertThat(steps.limit()).isEqualTo(raised);
        assertThat(steps.next(sameRound, raised).limit()).isEqualTo(raised);
    }

    @Test
    void aPolicyThatBecameStricterAndThenAllowsMoreAgainHoldsAtOnceToo() {
        MemoryStatistics sameRound = new MemoryStatistics(1_000, 100, 3, 0);
        DowntimeSteps strict = after(CEILING, 1_000, 100, 100).next(sameRound, Duration.ofMillis(10));
        assertThat(strict.next(sameRound, Duration.ofMillis(200)).limit()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void aPolicyThatStaysAsItIsRaisesNothing() {
        DowntimeSteps steps = after(CEILING, 1_000, 100, 50);
        assertThat(steps.next(new MemoryStatistics(1_000, 50, 3, 0), CEILING).limit())
                .isEqualTo(Duration.ofMillis(50));
    }
}
