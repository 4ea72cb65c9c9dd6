package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final int LARGEST = FrameCodec.LARGEST_FRAME_BYTES;

    @Test
    void sendingStopsAtTheBytesAndAtTheFrames() throws WireViolationException {
        SendWindow window = new SendWindow(budget(2L * LARGEST), 3);
        OutgoingFrame first = queue(window, LARGEST);
        assertThat(first.number()).isZero();
        assertThat(window.hasRoomFor(LARGEST)).isTrue();
        assertThat(window.hasRoomFor(LARGEST + 1)).isFalse();
        OutgoingFrame second = queue(window, 100);
        queue(window, 100);
        assertThat(window.hasRoomFor(1)).as("three frames are on the way").isFalse();
        handOut(window, second, 1);
        acknowledge(window, 1, 1);
        assertThat(window.hasRoomFor(1)).as("the span counts from the oldest").isFalse();
        handOut(window, first, 1);
        acknowledge(window, 0, 1);
        assertThat(window.oldest()).isEqualTo(2);
        assertThat(window.hasRoomFor(1)).isTrue();
        assertThat(window.unacknowledgedBytes()).isEqualTo(100);
    }

    @Test
    void streamsShareABudgetEqually() throws WireViolationException {
        WindowBudget budget = budget(4L * LARGEST);
        SendWindow first = new SendWindow(budget, 100);
        for (int index = 0; index < 4; index++) {
            assertThat(first.hasRoomFor(LARGEST)).isTrue();
            handOut(first, queue(first, LARGEST), 1);
        }
        SendWindow second = new SendWindow(budget, 100);
        assertThat(second.hasRoomFor(1)).as("the first took all before").isFalse();
        acknowledge(first, 0, 2);
        assertThat(first.hasRoomFor(1)).as("half is its share now").isFalse();
        assertThat(second.hasRoomFor(LARGEST)).isTrue();
    }

    @Test
    void refusesAcknowledgementsOfFramesThatAreNotOnTheWay() throws WireViolationException {
        SendWindow window = new SendWindow(budget(10L * LARGEST), 10);
        handOut(window, queue(window, 50), 1);
        queue(window, 50);
        refuses(window, 0, 3, "on the way are 0 to 1");
        refuses(window, Long.MAX_VALUE, 2, "on the way are");
        refuses(window, 1, 1, "unsent");
    }

    @Test
    void anAcknowledgementThatComesTwiceFreesOnce() throws WireViolationException {
        SendWindow window = new SendWindow(budget(10L * LARGEST), 10);
        for (int index = 0; index < 3; index++) {
            handOut(window, queue(window, 50), 1);
        }
        assertThat(acknowledge(window, 1, 1)).containsExactly(1L);
        assertThat(acknowledge(window, 0, 2)).containsExactly(0L);
        assertThat(acknowledge(window, 0, 2)).isEmpty();
        assertThat(window.oldest()).isEqualTo(2);
        assertThat(window.unacknowledgedBytes()).isEqualTo(50);
    }

    @Test
    void aPayloadIsTheOwnersAgainOnlyWhenNobodyWritesIt() throws WireViolationException {
        SendWindow window = new SendWindow(budget(10L * LARGEST), 10);
        OutgoingFrame frame = queue(window, 50);
        frame.state = OutgoingFrame.State.HANDED;
        frame.writers = 2;
        assertThat(acknowledge(window, 0, 1)).isEmpty();
        List<OutgoingFrame> done = new ArrayList<>();
        window.finish(frame, done);
        assertThat(done).isEmpty();
        window.finish(frame, done);
        assertThat(done).containsExactly(frame);
        assertThat(window.unacknowledgedBytes()).isZero();
        assertThat(window.oldest()).isEqualTo(1);
    }

    @Test
    void afterALossOnlyWhatTheReceiverDoesNotHaveGoesAgain() throws WireViolationException {
        SendWindow window = new SendWindow(budget(10L * LARGEST), 10);
        for (int index = 0; index < 6; index++) {
            handOut(window, queue(window, 50), index % 2);
        }
        queue(window, 50);
        assertThat(window.doubt(1, 4)).isTrue();
        assertThat(window.resolve(3)).as("an answer to an older question").isEmpty();
        window.hold(1, 1);
        acknowledge(window, 3, 1);
        assertThat(window.resolve(4)).extracting(OutgoingFrame::number).containsExactly(5L);
        assertThat(window.doubt(1, 5)).as("all are known of").isFalse();
        assertThat(acknowledge(window, 5, 1)).as("it had arrived after all").containsExactly(5L);
        refuses(window, 6, 1, "unsent");
    }

    @Test
    void theReceiverTellsWhatItHas() throws WireViolationException {
        ReceiveWindow window = new ReceiveWindow(new ReceiveBudget(1000), 10);
        assertThat(window.held(16)).isEmpty();
        for (long number : new long[] {0, 1, 2, 4, 5, 8}) {
            window.receive(number, 10);
        }
        for (long number : new long[] {0, 1, 4}) {
            window.consume(number);
        }
        window.acknowledge(0, 1);
        window.acknowledge(4, 1);
        assertThat(window.held(16))
                .containsExactly(
                        new HeldRange(16, HeldRange.Standing.CONSUMED_BELOW, 1, 1),
                        new HeldRange(16, HeldRange.Standing.RECEIVED, 1, 2),
                        new HeldRange(16, HeldRange.Standing.CONSUMED, 4, 1),
                        new HeldRange(16, HeldRange.Standing.RECEIVED, 5, 1),
                        new HeldRange(16, HeldRange.Standing.RECEIVED, 8, 1));
    }

    @Test
    void receivingDropsRepeatedAndRefusesInventedAndExcessFrames() throws WireViolationException {
        ReceiveWindow window = new ReceiveWindow(new ReceiveBudget(1000), 4);
        assertThat(window.receive(1, 400)).isTrue();
        assertThat(window.receive(1, 400)).isFalse();
        assertThatThrownBy(() -> window.receive(4, 1)).hasMessageContaining("beyond the window");
        assertThatThrownBy(() -> window.receive(Long.MAX_VALUE, 1)).hasMessageContaining("beyond the window");
        assertThatThrownBy(() -> window.receive(0, 601)).hasMessageContaining("into a window of 1000");
    }

    @Test
    void receivedRoomIsFreeOnceTheAcknowledgementHasLeft() throws WireViolationException {
        ReceiveWindow window = new ReceiveWindow(new ReceiveBudget(1000), 2);
        window.receive(0, 600);
        window.receive(1, 400);
        assertThat(window.consume(1)).isEqualTo(400);
        assertThat(window.consume(0)).isEqualTo(600);
        assertThatThrownBy(() -> window.receive(2, 1)).isInstanceOf(WireViolationException.class);
        ReceiveWindow other = new ReceiveWindow(new ReceiveBudget(1000), 2);
        other.receive(0, 600);
        other.receive(1, 400);
        assertThat(other.consume(0)).isEqualTo(600);
        other.acknowledge(0, 1);
        other.receive(2, 600);
        assertThat(other.receive(0, 1)).isFalse();
        assertThatThrownBy(() -> other.consume(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anHonestSenderNeverMeetsTheReceiversLimits() throws WireViolationException {
        long seed = new Random().nextLong();
        System.out.println("anHonestSender seed " + seed);
        Random random = new Random(seed);
        int limit = 3 * LARGEST;
        SendWindow sending = new SendWindow(budget(limit), 50);
        ReceiveWindow receiving = new ReceiveWindow(new ReceiveBudget(limit), 50);
        List<Long> onTheWay = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        List<Long> held = new ArrayList<>();
        List<Long> returning = new ArrayList<>();
        for (int step = 0; step < 50_000; step++) {
            int bytes = 40 + random.nextInt(random.nextBoolean() ? 100 : LARGEST - 40);
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (sending.hasRoomFor(bytes)) {
                        OutgoingFrame queued = queue(sending, bytes);
                        handOut(sending, queued, 1);
                        long number = queued.number();
                        onTheWay.add(number);
                        sizes.add(bytes);
                    }
                }
                case 1 -> {
                    Collections.shuffle(onTheWay, random);
                    for (long number : onTheWay) {
                        receiving.receive(number, sizes.get((int) number));
                    }
                    held.addAll(onTheWay);
                    onTheWay.clear();
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        long number = held.remove(random.nextInt(held.size()));
                        assertThat(receiving.consume(number)).isEqualTo(sizes.get((int) number));
                        receiving.acknowledge(number, 1);
                        returning.add(number);
                    }
                }
                default -> {
                    if (!returning.isEmpty()) {
                        acknowledge(sending, returning.remove(random.nextInt(returning.size())), 1);
                    }
                }
            }
            assertThat(sending.unacknowledgedBytes()).as("seed %d", seed).isBetween(0L, (long) limit);
        }
        assertThat(sizes).hasSizeGreaterThan(100);
    }

    @Test
    void reordersWithinTheWindow() {
        ReorderBuffer<String> buffer = new ReorderBuffer<>(3);
        buffer.put(2, "c");
        assertThat(buffer.takeNext()).isNull();
        buffer.put(0, "a");
        assertThat(buffer.takeNext()).isEqualTo("a");
        assertThat(buffer.takeNext()).isNull();
        buffer.put(1, "b");
        buffer.put(3, "d");
        assertThat(buffer.takeNext()).isEqualTo("b");
        assertThat(buffer.takeNext()).isEqualTo("c");
        assertThat(buffer.takeNext()).isEqualTo("d");
        assertThat(buffer.takeNext()).isNull();
    }

    private static WindowBudget budget(long bytes) {
        return new WindowBudget(new FlowLimit(bytes, 0));
    }

    /** @param bytes header included */
    private static OutgoingFrame queue(SendWindow window, int bytes) {
        return window.queue(16, new Frame(1, 0, 0, ByteBuffer.allocate(bytes - FrameCodec.HEADER_BYTES)));
    }

    /** As the outbox and a writer do. */
    private static void handOut(SendWindow window, OutgoingFrame frame, long lane) {
        frame.state = OutgoingFrame.State.HANDED;
        frame.lane = lane;
        frame.writers++;
        window.finish(frame, new ArrayList<>());
    }

    private static List<Long> acknowledge(SendWindow window, long first, int count) throws WireViolationException {
        List<OutgoingFrame> done = new ArrayList<>();
        window.acknowledge(first, count, done);
        return done.stream().map(OutgoingFrame::number).toList();
    }

    private static void refuses(SendWindow window, long first, int count, String reason) {
        assertThatThrownBy(() -> acknowledge(window, first, count))
                .isInstanceOf(WireViolationException.class)
                .hasMessageContaining(reason);
    }
}
