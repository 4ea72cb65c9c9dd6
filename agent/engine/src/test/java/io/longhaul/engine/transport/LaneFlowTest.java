package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One connection's share of what is on the way, against ways that carry so much a second. */
final class LaneFlowTest {
    private static final long MILLI = 1_000_000;
    private static final long ROUND_TRIP = 100 * MILLI;
    private static final double SECONDS_WORTH = 0.4;
    private static final long LEAST = 256 * 1024;

    private final LaneFlow flow = new LaneFlow(10e6, ROUND_TRIP, 0);
    private long onTheWay;
    private long now;

    @Test
    void isPresumedToBeFastUntilItIsKnown() {
        assertThat(flow.limitBytes()).isEqualTo(LEAST + Math.round(10e6 * SECONDS_WORTH));
    }

    @Test
    void aSlowOneTakesOnlyWhatItCarriesInThreeRoundTrips() {
        carry(1e6, 20);
        assertThat((double) flow.limitBytes()).isBetween(1e6 * SECONDS_WORTH, LEAST + 1.2e6 * SECONDS_WORTH);
    }

    @Test
    void oneThatBecomesFastGetsMoreInEachRoundTrip() {
        carry(1e6, 20);
        carry(20e6, 8);
        assertThat((double) flow.limitBytes()).isGreaterThan(15e6 * SECONDS_WORTH);
    }

    @Test
    void oneThatHadNothingToCarryIsNotTakenForSlow() {
        long before = flow.limitBytes();
        for (int round = 0; round < 20; round++) {
            flow.handed(1_000);
            now += ROUND_TRIP;
            flow.arrived(1_000, now);
        }
        assertThat(flow.limitBytes()).isEqualTo(before);
    }

    @Test
    void oneThatIsSlowerThanPresumedIsKnownToBeAfterSomeRoundsWithSomethingOnTheWay() {
        flow.handed(2_000_000);
        for (int round = 0; round < 8; round++) {
            now += ROUND_TRIP;
            flow.arrived(100_000, now);
        }
        assertThat((double) flow.limitBytes()).isLessThan(LEAST + 1.1e6 * SECONDS_WORTH);
    }

    @Test
    void whatAnotherHasBroughtSaysNothingOfItsRate() {
        flow.handed(2_000_000);
        now += ROUND_TRIP;
        flow.overtaken(1_900_000);
        assertThat(flow.hasLittle()).isTrue();
        assertThat(flow.limitBytes()).isEqualTo(LEAST + Math.round(10e6 * SECONDS_WORTH));
    }

    @Test
    void hasRoomAgainWhenFramesHaveArrived() {
        flow.handed(flow.limitBytes() - 1);
        assertThat(flow.hasRoom()).as("for one frame more, of any size").isTrue();
        flow.handed(1 << 20);
        assertThat(flow.hasRoom()).isFalse();
        flow.arrived(2 << 20, now);
        assertThat(flow.hasRoom()).isTrue();
    }

    @Test
    void aRateGrowsFromNothing() {
        carry(0, 8);
        assertThat(flow.limitBytes()).isEqualTo(LEAST);
        carry(20e6, 20);
        assertThat((double) flow.limitBytes()).isGreaterThan(15e6 * SECONDS_WORTH);
    }

    @Test
    void aShortWayHasNoLimit() {
        flow.roundTrip(9 * MILLI);
        flow.handed(1L << 40);
        assertThat(flow.hasRoom()).isTrue();
    }

    /** A writer that always has more: what arrives in a round is what was on the way, or what the way carries. */
    private void carry(double bytesPerSecond, int rounds) {
        for (int round = 0; round < rounds; round++) {
            while (flow.hasRoom()) {
                flow.handed(10_000);
                onTheWay += 10_000;
            }
            now += ROUND_TRIP;
            long arrived = Math.min(onTheWay, Math.round(bytesPerSecond * ROUND_TRIP / 1e9));
            onTheWay -= arrived;
            flow.arrived(arrived, now);
        }
    }
}
