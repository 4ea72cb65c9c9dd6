package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import io.longhaul.engine.session.HoldBack.Stage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HoldBackTest {
    private static final Duration LIMIT = Duration.ofMillis(300);
    private static final long RATE = 100_000_000;
    private static final long MEMORY = 512 << 20;

    private static MemoryStatistics at(int round, long remaining) {
        return new MemoryStatistics(MEMORY, remaining, round, 0);
    }

    @Test
    void theHypervisorsLimitIsLowerByWhatIsHeld() {
        assertThat(HoldBack.forHypervisor(LIMIT, 10_000_000, RATE)).isEqualTo(Duration.ofMillis(200));
        assertThat(HoldBack.forHypervisor(LIMIT, 0, RATE)).isEqualTo(LIMIT);
        assertThat(HoldBack.forHypervisor(LIMIT, 10_000_000, 0))
                .as("no rate is known")
                .isEqualTo(LIMIT);
    }

    @Test
    void itIsNeverLoweredToNothing() {
        assertThat(HoldBack.forHypervisor(LIMIT, 50_000_000, RATE)).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void aGuestWhoseRoundsAreTooLongToPauseKeepsDeferring() {
        HoldBack now = HoldBack.FIRST;
        for (int round = 1; round < 100; round++) {
            now = now.next(at(round, 60_000_000), 4096, LIMIT, RATE, 48 << 20);
            // The end of a round leaves little, which makes it no short one.
            now = now.next(at(round, 1_000), 60_000_000, LIMIT, RATE, 48 << 20);
        }
        assertThat(now.defers()).isTrue();
    }

    @Test
    void aGuestThatIsKeptFromItsPauseOnlyByWhatIsHeldHasThatSent() {
        HoldBack now = HoldBack.FIRST.next(at(4, 20_000_000), 0, LIMIT, RATE, 20_000_000);
        assertThat(now.stage()).isEqualTo(Stage.WITHIN_BUDGET);
        assertThat(now.budgetBytes(LIMIT, RATE)).isEqualTo(7_500_000);
    }

    @Test
    void aRoundIsCountedOnce() {
        HoldBack now = HoldBack.FIRST.next(at(4, 20_000_000), 0, LIMIT, RATE, 20_000_000);
        for (int look = 0; look < 50; look++) {
            now = now.next(at(4, 10_000_000), 10_000_000, LIMIT, RATE, 20_000_000);
        }
        assertThat(now.stage()).isEqualTo(Stage.WITHIN_BUDGET);
    }

    @Test
    void whateverIsHeldTheHypervisorGetsTheWholeLimitInTheEnd() {
        HoldBack now = HoldBack.FIRST;
        int round = 2;
        while (now.stage() != Stage.NOTHING) {
            now = now.next(at(round, 29_000_000), 0, LIMIT, RATE, 1_000_000);
            round++;
            assertThat(round).isLessThan(10);
        }
        assertThat(now.budgetBytes(LIMIT, RATE)).isZero();
        assertThat(now.next(at(round, 29_000_000), 0, LIMIT, RATE, 1_000_000).stage())
                .isEqualTo(Stage.NOTHING);
    }

    @Test
    void afterRoundsThatCouldNotBeTheLastMoreIsHeldAgain() {
        HoldBack now = HoldBack.FIRST.next(at(4, 20_000_000), 0, LIMIT, RATE, 20_000_000);
        now = now.next(at(6, 60_000_000), 0, LIMIT, RATE, 5_000_000);
        assertThat(now.stage()).as("so soon not").isEqualTo(Stage.WITHIN_BUDGET);
        now = now.next(at(7, 60_000_000), 0, LIMIT, RATE, 5_000_000);
        assertThat(now.defers()).isTrue();
        now = now.next(at(9, 20_000_000), 0, LIMIT, RATE, 20_000_000);
        assertThat(now.stage()).isEqualTo(Stage.WITHIN_BUDGET);
        now = now.next(at(12, 60_000_000), 0, LIMIT, RATE, 5_000_000);
        assertThat(now.stage()).as("later each time").isEqualTo(Stage.WITHIN_BUDGET);
        assertThat(now.next(at(14, 60_000_000), 0, LIMIT, RATE, 5_000_000).defers())
                .isTrue();
    }

    @Test
    void aGuestWithAShortRoundNowAndThenIsLetGoInTheEnd() {
        HoldBack now = HoldBack.FIRST;
        for (int round = 2; now.stage() != Stage.NOTHING; round++) {
            long remaining = round % 5 == 0 ? 20_000_000 : 60_000_000;
            now = now.next(at(round, remaining), 0, LIMIT, RATE, 5_000_000);
            assertThat(round).isLessThan(100);
        }
    }

    @Test
    void theFirstRoundSaysNothing() {
        assertThat(HoldBack.FIRST.next(at(1, 0), 0, LIMIT, RATE, 1_000_000)).isEqualTo(HoldBack.FIRST);
    }
}
