package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which connection takes which frames. */
final class OutboxLanesTest {
    private static final Link.StreamId DISK = Link.StreamId.disk(0);
    private static final int FRAMES = 24;
    private static final long ROUND_TRIP_NANOS = 200_000_000;
    private static final long UNTIL_LATE_NANOS = 450_000_000;
    private static final ByteBuffer PAYLOAD = ByteBuffer.allocate(Frame.PAYLOAD_LIMIT_BYTES);

    private final FakeTicker ticker = new FakeTicker();
    private final Outbox outbox =
            new Outbox(ticker, new LinkSettings.Windows(2 << 20, 32 << 20, 32 << 20, 100), FRAMES);
    private SocketChannel channel;

    @BeforeEach
    void queueFrames() throws IOException, LinkException, InterruptedException {
        channel = SocketChannel.open();
        outbox.onRoundTrip(ROUND_TRIP_NANOS);
        StreamSender sender = outbox.open(DISK);
        for (int index = 0; index < FRAMES; index++) {
            sender.send(new Frame(1, index, 0, PAYLOAD));
        }
    }

    @AfterEach
    void close() throws IOException {
        channel.close();
    }

    @Test
    void oneThatHasEnoughOnTheWayLeavesFramesToTheOthers() throws InterruptedException {
        Lane slow = lane(1);
        int taken = takeAll(slow);
        assertThat(taken).isBetween(1, FRAMES / 2);
        assertThat(takeAll(lane(2))).isPositive();
        assertThat(takeAll(slow)).isZero();
    }

    @Test
    void whatHasArrivedMakesRoomBeforeItIsConsumed() throws InterruptedException, WireViolationException {
        Lane lane = lane(1);
        int taken = takeAll(lane);
        outbox.onArrived(List.of(new AckRange(DISK.number(), 0, taken)));
        assertThat(takeAll(lane)).isPositive();
    }

    @Test
    void anAcknowledgementAloneSaysThatFramesHaveArrived() throws InterruptedException, WireViolationException {
        Lane lane = lane(1);
        int taken = takeAll(lane);
        outbox.onAcks(List.of(new AckRange(DISK.number(), 0, taken)));
        assertThat(takeAll(lane)).isPositive();
    }

    @Test
    void whatGoesAgainAfterALossCountsForItsNewConnection() throws InterruptedException, WireViolationException {
        Lane lost = lane(1);
        int taken = takeAll(lost);
        lost.lose();
        outbox.onLost(lost.id(), false);
        Urgent asked = Objects.requireNonNull(outbox.takeUrgent(lane(0), 0));
        outbox.onHeld(List.of(), asked.question(), true);
        Lane other = lane(2);
        int again = takeAll(other);
        assertThat(again).isPositive();
        outbox.onArrived(List.of(new AckRange(DISK.number(), 0, taken)));
        assertThat(takeAll(other)).isPositive();
    }

    @Test
    void aLateFrameIsCopiedOnceToAConnectionThatHasLittleToDo() throws InterruptedException {
        Lane slow = lane(1);
        handAllOut(slow);
        Lane idle = lane(2);
        ticker.advanceNanos(UNTIL_LATE_NANOS - 1);
        assertThat(takeBulk(idle)).as("in time, as far as is known").isEmpty();
        ticker.advanceNanos(1);
        assertThat(takeBulk(slow)).as("it has enough to do").isEmpty();
        assertThat(takeBulk(idle)).as("the first one").containsExactly(0L);
        assertThat(outbox.bytesResent()).isEqualTo(FrameCodec.HEADER_BYTES + PAYLOAD.capacity());
        assertThat(takeBulk(idle)).as("its copy is on the way").isEmpty();
        assertThat(takeBulk(lane(3))).as("the next one").containsExactly(1L);
    }

    @Test
    void aConnectionWhoseCopyHasArrivedMayTakeAnother() throws InterruptedException, WireViolationException {
        handAllOut(lane(1));
        Lane idle = lane(2);
        ticker.advanceNanos(UNTIL_LATE_NANOS);
        assertThat(takeBulk(idle)).containsExactly(0L);
        outbox.onArrived(List.of(new AckRange(DISK.number(), 0, 1)));
        assertThat(takeBulk(idle)).containsExactly(1L);
    }

    @Test
    void whatWasCopiedToAConnectionThatIsLostIsCopiedAgain() throws InterruptedException {
        handAllOut(lane(1));
        Lane lost = lane(2);
        ticker.advanceNanos(UNTIL_LATE_NANOS);
        assertThat(takeBulk(lost)).containsExactly(0L);
        lost.lose();
        outbox.onLost(lost.id(), false);
        assertThat(takeBulk(lane(3))).containsExactly(0L);
    }

    @Test
    void whatIsCopiedAndLostOnItsOwnConnectionStillGoesAgain() throws InterruptedException, WireViolationException {
        Lane lost = lane(1);
        handAllOut(lost);
        ticker.advanceNanos(UNTIL_LATE_NANOS);
        assertThat(takeBulk(lane(2))).containsExactly(0L);
        lost.lose();
        outbox.onLost(lost.id(), false);
        Urgent asked = Objects.requireNonNull(outbox.takeUrgent(lane(0), 0));
        outbox.onHeld(List.of(), asked.question(), true);
        assertThat(takeBulk(lane(3))).containsExactly(0L);
    }

    @Test
    void nothingIsLateOverAShortWay() throws InterruptedException {
        outbox.onRoundTrip(9_000_000);
        handAllOut(lane(1));
        ticker.advanceNanos(UNTIL_LATE_NANOS);
        assertThat(takeBulk(lane(2))).isEmpty();
    }

    /** Fast connections take what the first one leaves; nothing arrives. */
    private void handAllOut(Lane first) throws InterruptedException {
        int taken = takeAll(first);
        for (int index = 10; taken < FRAMES; index++) {
            taken += takeAll(lane(index));
        }
    }

    private List<Long> takeBulk(Lane lane) throws InterruptedException {
        List<OutgoingFrame> batch = new ArrayList<>();
        assertThat(outbox.takeBulk(lane, batch, 0)).isTrue();
        List<Long> numbers = batch.stream().map(OutgoingFrame::number).toList();
        outbox.finish(batch);
        return numbers;
    }

    private Lane lane(int index) {
        return new Lane(new PlainConnection(channel), index, 1, index, 3, ticker);
    }

    /** As a writer does that gets rid of everything at once. */
    private int takeAll(Lane lane) throws InterruptedException {
        List<OutgoingFrame> batch = new ArrayList<>();
        int frames = 0;
        do {
            assertThat(outbox.takeBulk(lane, batch, 0)).isTrue();
            frames += batch.size();
        } while (!batch.isEmpty());
        return frames;
    }
}
