package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final int LARGEST = FrameCodec.LARGEST_FRAME_BYTES;

    @Test
    void sendingStopsAtTheBytesAndAtTheFrames() throws WireViolationException {
        SendWindow window = new SendWindow(new WindowBudget(2L * LARGEST), 3);
        assertThat(window.queue(LARGEST)).isEqualTo(0);
        assertThat(window.hasRoomFor(LARGEST)).isTrue();
        assertThat(window.hasRoomFor(LARGEST + 1)).isFalse();
        window.queue(100);
        window.queue(100);
        assertThat(window.hasRoomFor(1)).as("three frames are on the way").isFalse();
        window.handOut(1);
        window.acknowledge(1, 1);
        assertThat(window.hasRoomFor(1)).as("the span counts from the oldest").isFalse();
        window.handOut(0);
        window.acknowledge(0, 1);
        assertThat(window.oldest()).isEqualTo(2);
        assertThat(window.hasRoomFor(1)).isTrue();
        assertThat(window.unacknowledgedBytes()).isEqualTo(100);
    }

    @Test
    void streamsShareABudgetEqually() throws WireViolationException {
        WindowBudget budget = new WindowBudget(4L * LARGEST);
        SendWindow first = new SendWindow(budget, 100);
        for (int index = 0; index < 4; index++) {
            assertThat(first.hasRoomFor(LARGEST)).isTrue();
            first.handOut(first.queue(LARGEST));
        }
        SendWindow second = new SendWindow(budget, 100);
        assertThat(second.hasRoomFor(1)).as("the first took all before").isFalse();
        first.acknowledge(0, 2);
        assertThat(first.hasRoomFor(1)).as("half is its share now").isFalse();
        assertThat(second.hasRoomFor(LARGEST)).isTrue();
    }

    @Test
    void refusesAcknowledgementsOfFramesThatAreNotOnTheWay() throws WireViolationException {
        SendWindow window = new SendWindow(new WindowBudget(10L * LARGEST), 10);
        window.handOut(window.queue(50));
        window.queue(50);
        refuses(window, 0, 3, "on the way are 0 to 1");
        refuses(window, Long.MAX_VALUE, 2, "on the way are");
        refuses(window, 1, 1, "unsent");
        window.acknowledge(0, 1);
        refuses(window, 0, 1, "on the way are 1 to 1");
    }

    @Test
    void refusesAnAcknowledgementThatComesTwiceWithinTheWindow() throws WireViolationException {
        SendWindow window = new SendWindow(new WindowBudget(10L * LARGEST), 10);
        for (int index = 0; index < 3; index++) {
            window.handOut(window.queue(50));
        }
        window.acknowledge(1, 1);
        refuses(window, 1, 1, "twice");
    }

    @Test
    void receivingRefusesRepeatedInventedAndExcessFrames() throws WireViolationException {
        ReceiveWindow window = new ReceiveWindow(new ReceiveBudget(1000), 4);
        window.receive(1, 400);
        assertThatThrownBy(() -> window.receive(1, 400)).hasMessageContaining("came again");
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
        assertThatThrownBy(() -> other.receive(0, 1)).hasMessageContaining("came again");
        assertThatThrownBy(() -> other.consume(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anHonestSenderNeverMeetsTheReceiversLimits() throws WireViolationException {
        long seed = new Random().nextLong();
        System.out.println("anHonestSender seed " + seed);
        Random random = new Random(seed);
        int limit = 3 * LARGEST;
        SendWindow sending = new SendWindow(new WindowBudget(limit), 50);
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
                        long number = sending.queue(bytes);
                        sending.handOut(number);
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
                        sending.acknowledge(returning.remove(random.nextInt(returning.size())), 1);
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

    private static void refuses(SendWindow window, long first, int count, String reason) {
        assertThatThrownBy(() -> window.acknowledge(first, count))
                .isInstanceOf(WireViolationException.class)
                .hasMessageContaining(reason);
    }
}
