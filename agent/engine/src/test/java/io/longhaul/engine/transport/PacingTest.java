package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Rates, clocks, batches and fairness: whatever goes by time or share. */
class PacingTest {
    private static final long SECOND = 1_000_000_000;

    private final FakeTicker ticker = new FakeTicker();

    @Test
    void holdsTheRateCapWithinFivePercentInEachSecond() {
        for (long rate : new long[] {100_000, 1_000_000, 12_500_000, 125_000_000, 2_000_000_000}) {
            TokenBucket bucket = new TokenBucket();
            bucket.changeRate(rate, 0);
            for (int second = 0; second < 3; second++) {
                long sent = greedy(bucket, second * SECOND, (second + 1) * SECOND);
                assertThat((double) sent).as("cap %d, second %d", rate, second).isBetween(rate * 0.95, rate * 1.05);
            }
        }
    }

    @Test
    void aPauseBuysNoMoreThanASmallBurst() {
        TokenBucket bucket = new TokenBucket();
        bucket.changeRate(10_000_000, 0);
        long sent = greedy(bucket, 60 * SECOND, 61 * SECOND);
        assertThat((double) sent).isLessThanOrEqualTo(10_000_000 * 1.05);
    }

    @Test
    void aChangedRateHoldsFromThenOn() {
        TokenBucket bucket = new TokenBucket();
        bucket.changeRate(100_000_000, 0);
        greedy(bucket, 0, SECOND);
        bucket.changeRate(1_000_000, SECOND);
        assertThat((double) greedy(bucket, SECOND, 2 * SECOND)).isBetween(950_000.0, 1_050_000.0);
    }

    @Test
    void urgentBytesAreTakenFromTheOthers() {
        TokenBucket bucket = new TokenBucket();
        bucket.changeRate(1_000_000, 0);
        bucket.charge(500_000, 0);
        assertThat((double) greedy(bucket, 0, SECOND)).isBetween(450_000.0, 550_000.0);
    }

    @Test
    void theFirstAcknowledgementGoesAtOnceAndTheNextOnesTogether() {
        AckBatch batch = new AckBatch(1_000_000, ticker.nanos());
        assertThat(batch.nanosUntilDue(ticker.nanos())).isEqualTo(Long.MAX_VALUE);
        batch.add(16, 0, 100);
        assertThat(batch.nanosUntilDue(ticker.nanos())).isZero();
        assertThat(batch.drain(ticker.nanos())).containsExactly(new AckRange(16, 0, 1));
        batch.add(16, 1, 100);
        batch.add(1, 5, 100);
        batch.add(16, 2, 100);
        batch.add(16, 4, 100);
        assertThat(batch.nanosUntilDue(ticker.nanos())).isEqualTo(AckBatch.INTERVAL_NANOS);
        ticker.advanceMillis(1);
        assertThat(batch.nanosUntilDue(ticker.nanos())).isZero();
        assertThat(batch.drain(ticker.nanos()))
                .containsExactly(new AckRange(16, 1, 2), new AckRange(1, 5, 1), new AckRange(16, 4, 1));
        assertThat(batch.isEmpty()).isTrue();
    }

    @Test
    void manyBytesAreAcknowledgedWithoutWaiting() {
        AckBatch batch = new AckBatch(1_000, ticker.nanos());
        batch.add(16, 0, 10);
        batch.drain(ticker.nanos());
        batch.add(16, 1, 999);
        assertThat(batch.nanosUntilDue(ticker.nanos())).isPositive();
        batch.add(16, 2, 1);
        assertThat(batch.nanosUntilDue(ticker.nanos())).isZero();
    }

    @Test
    void aBatchIsNoLargerThanAnAckFrame() {
        AckBatch batch = new AckBatch(1_000, ticker.nanos());
        for (int index = 0; index < FrameCodec.ACK_RANGES_LIMIT + 5; index++) {
            batch.add(16, index * 2L, 1);
        }
        assertThat(batch.drain(ticker.nanos())).hasSize(FrameCodec.ACK_RANGES_LIMIT);
        batch.add(16, 5_000, 1);
        assertThat(batch.drain(ticker.nanos())).hasSize(6);
        assertThat(batch.isEmpty()).isTrue();
    }

    @Test
    void findsTheOffsetOfThePeersClockFromTheQuickestExchange() throws WireViolationException {
        ClockEstimator clock = new ClockEstimator();
        assertThat(clock.roundTripMillis()).isNaN();
        exchange(clock, 100, 10, 5_000);
        assertThat(clock.offsetMillis()).isEqualTo(5_045, within(0.01));
        exchange(clock, 4, 4, 5_000);
        assertThat(clock.offsetMillis()).isEqualTo(5_000, within(0.01));
        exchange(clock, 300, 0, 5_000);
        assertThat(clock.offsetMillis()).as("a slow exchange says less").isEqualTo(5_000, within(0.01));
        assertThat(clock.roundTripMillis()).isEqualTo(122.6, within(0.1));
    }

    @Test
    void findsOutASteppedClockInTheEnd() throws WireViolationException {
        ClockEstimator clock = new ClockEstimator();
        exchange(clock, 5, 5, 100);
        for (int second = 0; second < 300; second++) {
            exchange(clock, 6, 6, 900);
            ticker.advanceMillis(1_000);
        }
        assertThat(clock.offsetMillis()).isEqualTo(900, within(0.1));
    }

    @Test
    void refusesAnAnswerToAPingThatWasNotSentAndDropsARepeatedOne() throws WireViolationException {
        ClockEstimator clock = new ClockEstimator();
        exchange(clock, 10, 10, 0);
        assertThatThrownBy(() -> clock.receivePong(1, 0, 0, ticker.nanos())).isInstanceOf(WireViolationException.class);
        double before = clock.roundTripMillis();
        ticker.advanceMillis(500);
        clock.receivePong(0, 0, 0, ticker.nanos());
        assertThat(clock.roundTripMillis()).isEqualTo(before);
    }

    @Test
    void theRateFollowsWhatIsSent() {
        RateMeter meter = new RateMeter(0);
        meter.sample(1_000, SECOND / 4);
        assertThat(meter.perSecond()).isEqualTo(4_000);
        long total = 1_000;
        for (int quarter = 2; quarter < 100; quarter++) {
            total += 5_000;
            meter.sample(total, quarter * SECOND / 4);
        }
        assertThat(meter.perSecond()).isBetween(19_900L, 20_000L);
    }

    @Test
    void streamsAreServedTheSameBytesWhateverTheirFrames() {
        FairQueue queue = new FairQueue();
        for (int index = 0; index < 64; index++) {
            queue.add(frame(1, index, 4_096 - FrameCodec.HEADER_BYTES));
        }
        for (int index = 0; index < 4; index++) {
            queue.add(frame(16, index, 65_536 - FrameCodec.HEADER_BYTES));
        }
        int[] served = new int[17];
        for (int taken = 0; taken < 34; taken++) {
            OutgoingFrame next = Objects.requireNonNull(queue.poll(Integer.MAX_VALUE));
            served[next.stream()] += next.wireBytes();
        }
        assertThat(served[1]).isEqualTo(served[16]);
    }

    @Test
    void aQuietStreamGetsNoCreditForItsSilence() {
        FairQueue queue = new FairQueue();
        for (int index = 0; index < 100; index++) {
            queue.add(frame(16, index, 10_000));
        }
        for (int taken = 0; taken < 50; taken++) {
            assertThat(queue.poll(Integer.MAX_VALUE)).isNotNull();
        }
        List<Integer> order = new ArrayList<>();
        for (int index = 0; index < 10; index++) {
            queue.add(frame(1, index, 10_000));
        }
        for (int taken = 0; taken < 10; taken++) {
            OutgoingFrame next = Objects.requireNonNull(queue.poll(Integer.MAX_VALUE));
            order.add(next.stream());
        }
        assertThat(order.stream().filter(stream -> stream == 16)).hasSize(5);
        assertThat(queue.poll(100)).as("none so small").isNull();
    }

    @Test
    void aStreamThatRunsDryDoesNotWaitForOneThatComesLate() {
        FairQueue queue = new FairQueue();
        for (int index = 0; index < 50; index++) {
            queue.add(frame(16, index, 10_000));
            assertThat(queue.poll(Integer.MAX_VALUE)).isNotNull();
        }
        for (int index = 0; index < 10; index++) {
            queue.add(frame(1, index, 10_000));
        }
        queue.add(frame(16, 50, 10_000));
        List<Integer> order = new ArrayList<>();
        for (int taken = 0; taken < 4; taken++) {
            order.add(Objects.requireNonNull(queue.poll(Integer.MAX_VALUE)).stream());
        }
        assertThat(order).contains(16);
    }

    /** Takes what it gets, wakes up a millisecond late, as threads do. */
    private static long greedy(TokenBucket bucket, long startNanos, long endNanos) {
        long sent = 0;
        long now = startNanos;
        while (now < endNanos) {
            long granted = bucket.take(1 << 20, now);
            sent += granted;
            if (granted == 0) {
                now += bucket.nanosUntil(1 << 20) + SECOND / 1000;
            }
        }
        return sent;
    }

    private void exchange(ClockEstimator clock, long thereMillis, long backMillis, long offsetMillis)
            throws WireViolationException {
        long number = clock.sendPing(ticker.nanos(), ticker.wallMicros());
        ticker.advanceMillis(thereMillis);
        long received = ticker.wallMicros() + offsetMillis * 1000;
        ticker.advanceMillis(3);
        long sent = ticker.wallMicros() + offsetMillis * 1000;
        ticker.advanceMillis(backMillis);
        clock.receivePong(number, received, sent, ticker.nanos());
    }

    private static OutgoingFrame frame(int stream, long number, int payloadBytes) {
        return OutgoingFrame.of(stream, number, new Frame(1, 0, 0, ByteBuffer.allocate(payloadBytes)));
    }
}
