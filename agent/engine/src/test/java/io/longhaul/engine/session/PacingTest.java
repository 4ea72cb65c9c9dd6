package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PacingTest {
    private static final long MIB = 1L << 20;
    private static final long RATE = 100 * MIB;

    @Test
    void memoryBeginsWhenTheDisksAreInSyncWhateverIsOnTheWay() {
        assertThat(Pacing.memoryIsDue(30 * MIB, 4 * MIB, 512 * MIB, 0, Double.NaN))
                .isTrue();
    }

    @Test
    void memoryBeginsBeforeTheDisksLeaveTheLinkIdle() {
        assertThat(Pacing.memoryIsDue(50 * MIB, 20 * MIB, 128 * MIB, RATE, 200)).isTrue();
        assertThat(Pacing.memoryIsDue(51 * MIB, 20 * MIB, 128 * MIB, RATE, 200)).isFalse();
    }

    @Test
    void aLargeMemoryBeginsEarlierForItsFirstPassOutlastsTheDisks() {
        assertThat(Pacing.memoryIsDue(500 * MIB, 470 * MIB, 4096 * MIB, RATE, 0))
                .isTrue();
        assertThat(Pacing.memoryIsDue(4096 * MIB, 4096 * MIB, 4096 * MIB, RATE, 0))
                .isFalse();
    }

    @Test
    void memoryDoesNotBeginOnAGuessOfTheRate() {
        assertThat(Pacing.memoryIsDue(10 * MIB, 10 * MIB, 512 * MIB, 0, 100)).isFalse();
    }

    @Test
    void memoryWaitsBeforeItsEndForDisksThatAreNotInSync() {
        assertThat(Pacing.memoryMustWait(128 * MIB, 512 * MIB, false)).isTrue();
        assertThat(Pacing.memoryMustWait(129 * MIB, 512 * MIB, false)).isFalse();
        assertThat(Pacing.memoryMustWait(0, 512 * MIB, true)).isFalse();
    }

    @Test
    void theQueueIsShortWhenTheGuestMayBePausedAnyMoment() {
        assertThat(Pacing.onTheWay(RATE, 100, false)).isEqualTo(Long.MAX_VALUE);
        assertThat(Pacing.onTheWay(RATE, 100, true)).isEqualTo(12 * MIB);
        assertThat(Pacing.onTheWay(RATE, Double.NaN, true)).isEqualTo(2 * MIB);
        assertThat(Pacing.onTheWay(1, 100, true)).isEqualTo(MIB);
        assertThat(Pacing.onTheWay(0, 100, true)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theEndIsNearInLaterRoundsAndWhenLittleIsLeftOfTheFirst() {
        assertThat(Pacing.isNearTheEnd(400 * MIB, 1, RATE)).isFalse();
        assertThat(Pacing.isNearTheEnd(50 * MIB, 1, RATE)).isTrue();
        assertThat(Pacing.isNearTheEnd(400 * MIB, 2, RATE)).isTrue();
    }
}
