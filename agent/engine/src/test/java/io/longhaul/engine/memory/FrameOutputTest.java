package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.PayloadBuffers;
import io.longhaul.engine.transport.StreamSender;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages that are held back take as long as if they had been sent. */
class FrameOutputTest {
    private static final long MILLI = 1_000_000;
    private static final int FRAME_BYTES = 100_000;

    private final SteppingClock clock = new SteppingClock();
    private final FinalStream stream = new FinalStream();
    private final FrameOutput output = new FrameOutput(stream, Long.MAX_VALUE, clock, new PayloadBuffers(1 << 20));

    @Test
    void withoutARateNothingWaits() {
        assertThat(output.nanosToWait(1 << 30)).isZero();
        assertThat(output.drainBytesPerSecond()).isZero();
    }

    @Test
    void heldBackBytesTakeAsLongAsTheLinkWouldNeed() throws LinkException, InterruptedException {
        measure();
        assertThat(output.drainBytesPerSecond()).isPositive();
        assertThat(output.nanosToWait(output.drainBytesPerSecond() / 20)).isBetween(45 * MILLI, 50 * MILLI);
    }

    @Test
    void whatWasSentJustNowCountsToo() throws LinkException, InterruptedException {
        measure();
        long perSecond = output.drainBytesPerSecond();
        output.send(MemoryFrames.BYTES, ByteBuffer.allocate(1), perSecond / 10);
        assertThat(output.nanosToWait(perSecond / 20)).isBetween(140 * MILLI, 150 * MILLI);
    }

    @Test
    void aWaitEndsWhenItsTimeHasCome() throws LinkException, InterruptedException {
        measure();
        long before = clock.now;
        output.pace(output.drainBytesPerSecond() / 50);
        assertThat(clock.now - before).isBetween(20 * MILLI, 40 * MILLI);
    }

    @Test
    void noWaitIsLongWhereTheRateWasMeasuredTooLow() throws LinkException, InterruptedException {
        measure();
        assertThat(output.nanosToWait(output.drainBytesPerSecond() * 100)).isBetween(190 * MILLI, 200 * MILLI);
    }

    @Test
    @Timeout(10)
    void aLimitThatIsLiftedHoldsNothingUp() throws LinkException, InterruptedException {
        output.limitBuffered(0);
        AtomicBoolean sent = new AtomicBoolean();
        Thread sender = new Thread(() -> {
            try {
                output.send(MemoryFrames.BYTES, ByteBuffer.allocate(FRAME_BYTES), FRAME_BYTES);
                sent.set(true);
            } catch (LinkException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        sender.start();
        while (sender.getState() != Thread.State.WAITING && sender.isAlive()) {
            Thread.onSpinWait();
        }
        assertThat(sent).isFalse();
        output.limitBuffered(Long.MAX_VALUE);
        sender.join();
        assertThat(sent).isTrue();
    }

    @Test
    void stoppedNothingWaits() throws LinkException, InterruptedException {
        measure();
        output.stop();
        long before = clock.now;
        output.pace(output.drainBytesPerSecond());
        assertThat(clock.now - before).isLessThan(10 * MILLI);
    }

    @Test
    void whatIsAcknowledgedIsAllUpToThere() throws LinkException, InterruptedException {
        for (int frame = 0; frame < 3; frame++) {
            output.send(MemoryFrames.BYTES, ByteBuffer.allocate(FRAME_BYTES), FRAME_BYTES);
        }
        assertThat(output.position()).isEqualTo(3 * FRAME_BYTES);
        stream.acknowledgement.accept(1);
        assertThat(output.acknowledgedBytes()).isEqualTo(2 * FRAME_BYTES);
        stream.acknowledgement.accept(0);
        assertThat(output.acknowledgedBytes()).isEqualTo(2 * FRAME_BYTES);
    }

    @Test
    void aPayloadIsUsedAgainOnceItsOwnFrameIsAcknowledged() throws LinkException, InterruptedException {
        ByteBuffer first = output.payloads().take(FRAME_BYTES);
        ByteBuffer second = output.payloads().take(FRAME_BYTES);
        output.send(MemoryFrames.PAGES, first, FRAME_BYTES);
        output.send(MemoryFrames.PAGES, second, FRAME_BYTES);
        stream.acknowledgement.accept(1);
        assertThat(output.payloads().take(FRAME_BYTES).array()).isSameAs(second.array());
        assertThat(output.payloads().take(FRAME_BYTES).array()).isNotSameAs(first.array());
        stream.acknowledgement.accept(0);
        assertThat(output.payloads().take(FRAME_BYTES).array()).isSameAs(first.array());
    }

    @Test
    void aPayloadIsUsedAgainWhoseAcknowledgementIsTheQuicker() throws LinkException, InterruptedException {
        ByteBuffer payload = output.payloads().take(FRAME_BYTES);
        stream.acknowledgement.accept(0);
        output.send(MemoryFrames.PAGES, payload, FRAME_BYTES);
        assertThat(output.payloads().take(FRAME_BYTES).array()).isSameAs(payload.array());
    }

    /** Two hundred frames, each acknowledged a step of the clock after the one before. */
    private void measure() throws LinkException, InterruptedException {
        for (int frame = 0; frame < 200; frame++) {
            output.send(MemoryFrames.BYTES, ByteBuffer.allocate(FRAME_BYTES), FRAME_BYTES);
            stream.acknowledgement.accept(frame - 1L);
        }
        clock.now += 1000 * MILLI;
    }

    /** Each look at it takes a millisecond. */
    private static final class SteppingClock implements Ticker {
        long now;

        @Override
        public long nanos() {
            now += MILLI;
            return now;
        }

        @Override
        public long wallMicros() {
            return 0;
        }
    }

    private static final class FinalStream implements StreamSender {
        LongConsumer acknowledgement = number -> {};
        private long next;

        @Override
        public long send(Frame frame) {
            return next++;
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return OptionalLong.of(next++);
        }

        @Override
        public void onAcknowledged(LongConsumer listener) {
            acknowledgement = listener;
        }

        @Override
        public long unacknowledgedBytes() {
            return 0;
        }

        @Override
        public void awaitAcknowledged() {}
    }
}
