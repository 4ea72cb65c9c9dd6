package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The window against a model of a way: so many bytes a second, so long a round trip, nothing lost. */
class FlowLimitTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long MOST = 32 << 20;

    private final FlowLimit flow = new FlowLimit(MOST, 0);
    private long now;

    @Test
    void aShortWayGetsLittle() {
        flow.distance(100_000, 1);
        run(125e6, 100_000, 5 * SECOND);
        assertThat(flow.limitBytes()).isBetween(FlowLimit.LEAST_BYTES, 5L << 20);
    }

    @Test
    void aLongWayGetsTheWholeWindow() {
        flow.distance(200 * MILLI, 1);
        run(125e6, 200 * MILLI, 5 * SECOND);
        assertThat(flow.limitBytes()).isEqualTo(MOST);
        assertThat(flow.bytesPerSecond()).isBetween(115e6, 130e6);
    }

    @Test
    void aWayBetweenGetsWhatItHoldsAndSome() {
        flow.distance(50 * MILLI, 1);
        run(125e6, 50 * MILLI, 5 * SECOND);
        double holds = 125e6 * 0.05;
        assertThat((double) flow.limitBytes()).isBetween(1.25 * holds, 2 * holds + FlowLimit.LEAST_BYTES);
    }

    @Test
    void eachConnectionMayHaveAFrameThereInPart() {
        FlowLimit wide = new FlowLimit(1 << 30, 0);
        wide.distance(200 * MILLI, 12);
        long before = wide.limitBytes();
        wide.acknowledged(256 << 10, 1);
        wide.distance(200 * MILLI, 12);
        assertThat(wide.limitBytes())
                .as("small frames need no more than is there")
                .isEqualTo(before);
        wide.acknowledged(1 << 20, 2);
        wide.distance(200 * MILLI, 12);
        assertThat(wide.limitBytes()).isEqualTo(before - FlowLimit.LEAST_BYTES + (12 << 20));
    }

    @Test
    void theWindowDoublesInEachRoundTripAtLeast() {
        FlowLimit wide = new FlowLimit(1 << 30, 0);
        wide.distance(100 * MILLI, 1);
        long before = wide.limitBytes();
        long time = 0;
        for (int round = 0; round < 5; round++) {
            time += 100 * MILLI;
            wide.heldUp();
            assertThat(wide.acknowledged(before, time)).isTrue();
            assertThat(wide.limitBytes()).isGreaterThanOrEqualTo(2 * before);
            before = wide.limitBytes();
        }
    }

    @Test
    void aLongWayIsTakenForFastUntilItIsKnown() {
        flow.distance(100 * MILLI, 1);
        assertThat(flow.limitBytes()).isGreaterThan(12_500_000);
        run(10e6, 100 * MILLI, 8 * SECOND);
        assertThat(flow.limitBytes()).isLessThan(8L << 20);
    }

    @Test
    void aFastLoopbackGetsTheWholeWindow() {
        flow.distance(50_000, 1);
        run(2e9, 50_000, SECOND);
        assertThat(flow.limitBytes()).isEqualTo(MOST);
    }

    @Test
    void aQuietSenderKeepsItsWindowForTheLastFlight() {
        flow.distance(100 * MILLI, 1);
        run(125e6, 100 * MILLI, 5 * SECOND);
        long full = flow.limitBytes();
        for (int second = 0; second < 60; second++) {
            now += SECOND;
            flow.acknowledged(1_000, now);
        }
        assertThat(flow.limitBytes()).isEqualTo(full);
    }

    @Test
    void aWayThatBecameSlowIsBelievedWithinSeconds() {
        flow.distance(100 * MILLI, 1);
        run(125e6, 100 * MILLI, 5 * SECOND);
        run(10e6, 100 * MILLI, 8 * SECOND);
        assertThat(flow.limitBytes()).isLessThan(8L << 20);
    }

    @Test
    void connectionsFollowTheDistanceAndTheRate() {
        assertThat(ConnectionNeed.of(0, 0, 8)).isEqualTo(2);
        assertThat(ConnectionNeed.of(100_000, 2e9, 8)).isEqualTo(2);
        assertThat(ConnectionNeed.of(10 * MILLI, 0, 16)).isBetween(3, 6);
        assertThat(ConnectionNeed.of(100 * MILLI, 0, 16)).isEqualTo(8);
        assertThat(ConnectionNeed.of(200 * MILLI, 0, 16)).isEqualTo(12);
        assertThat(ConnectionNeed.of(200 * MILLI, 1e9, 16)).isEqualTo(12);
        assertThat(ConnectionNeed.of(100 * MILLI, 300e6, 16)).isEqualTo(8);
        assertThat(ConnectionNeed.of(200 * MILLI, 1e9, 8)).isEqualTo(8);
        assertThat(ConnectionNeed.of(200 * MILLI, 1e9, 1)).isEqualTo(1);
    }

    /** A sender that always has more: what is acknowledged is what the limit or the way allows, whichever is less. */
    private void run(double bytesPerSecond, long roundTripNanos, long nanos) {
        long end = now + nanos;
        long step = Math.max(roundTripNanos, 10 * MILLI);
        while (now < end) {
            now += step;
            double byWay = bytesPerSecond * step / SECOND;
            double byWindow = (double) flow.limitBytes() * step / Math.max(roundTripNanos, 1_000_000);
            flow.heldUp();
            flow.acknowledged(Math.round(Math.min(byWay, byWindow)), now);
        }
    }
}
