package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkTest {
    private static final Link.StreamId DISK = Link.StreamId.disk(0);

    @Test
    void deliversEachFrameExactlyOnceOverFourConnections() throws LinkException, InterruptedException {
        long seed = new Random().nextLong();
        System.out.println("deliversEachFrameExactlyOnce seed " + seed);
        Random random = new Random(seed);
        int frames = 4_000;
        int[] lengths = random.ints(frames, 0, 40_000).toArray();
        lengths[17] = Frame.PAYLOAD_LIMIT_BYTES;
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            BitSet seen = new BitSet();
            List<String> wrong = new CopyOnWriteArrayList<>();
            CountDownLatch all = new CountDownLatch(frames);
            pair.destination().receive(DISK, (number, frame, consumed) -> {
                synchronized (seen) {
                    int index = (int) number;
                    if (seen.get(index) || !isExpected(frame, index, lengths[index])) {
                        wrong.add("frame " + number);
                    }
                    seen.set(index);
                }
                consumed.run();
                all.countDown();
            });
            StreamSender sender = pair.source().sender(DISK);
            BitSet acknowledged = new BitSet();
            sender.onAcknowledged(number -> acknowledged.set((int) number));
            for (int index = 0; index < frames; index++) {
                assertThat(sender.send(expected(index, lengths[index]))).isEqualTo(index);
            }
            sender.awaitAcknowledged();
            assertThat(all.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).as("seed %d", seed).isEmpty();
            assertThat(sender.unacknowledgedBytes()).isZero();
            pair.source().close();
            assertThat(acknowledged.cardinality()).isEqualTo(frames);
        }
    }

    @Test
    void keepsTheOrderOfAnOrderedStreamThatIsConsumedLate() throws LinkException, InterruptedException {
        long seed = new Random().nextLong();
        System.out.println("keepsTheOrder seed " + seed);
        Random random = new Random(seed);
        int frames = 3_000;
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
            List<Long> numbers = new CopyOnWriteArrayList<>();
            StreamSender sender = pair.source().sender(Link.StreamId.MEMORY);
            for (int index = 0; index < 40; index++) {
                sender.send(expected(index, random.nextInt(100_000)));
            }
            pair.destination().receive(Link.StreamId.MEMORY, (number, frame, consumed) -> {
                numbers.add(number);
                held.add(consumed);
            });
            CompletableFuture<Void> consuming = CompletableFuture.runAsync(() -> consume(held, frames));
            for (int index = 40; index < frames; index++) {
                sender.send(expected(index, random.nextInt(100_000)));
            }
            sender.awaitAcknowledged();
            LinkPair.await(consuming);
            assertThat(numbers).as("seed %d", seed).hasSize(frames).isSorted();
        }
    }

    @Test
    void blocksTheSenderAtTheWindowUntilAFrameIsConsumed() throws LinkException, InterruptedException {
        LinkSettings settings =
                LinkPair.settings().withWindows(new LinkSettings.Windows(2 << 20, 4 << 20, 4 << 20, 1000));
        try (LinkPair pair = LinkPair.open(settings)) {
            BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
            pair.destination().receive(DISK, (number, frame, consumed) -> held.add(consumed));
            StreamSender sender = pair.source().sender(DISK);
            Frame mebibyte = expected(0, (1 << 20) - FrameCodec.HEADER_BYTES);
            for (int index = 0; index < 4; index++) {
                assertThat(sender.trySend(mebibyte)).isPresent();
            }
            assertThat(sender.trySend(mebibyte)).isEmpty();
            assertThat(sender.unacknowledgedBytes()).isEqualTo(4 << 20);
            CompletableFuture<Long> blocked = CompletableFuture.supplyAsync(() -> sendUnchecked(sender, mebibyte));
            Runnable first = held.poll(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(first).isNotNull();
            assertThat(blocked).isNotDone();
            first.run();
            assertThat(LinkPair.await(blocked)).isEqualTo(4);
        }
    }

    @Test
    void aBlockedStreamDoesNotHoldUpTheOthers() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            pair.destination().receive(DISK, (number, frame, consumed) -> {});
            CountDownLatch decided = new CountDownLatch(1);
            pair.destination().receive(Link.StreamId.CONTROL, (number, frame, consumed) -> decided.countDown());
            StreamSender disk = pair.source().sender(DISK);
            while (disk.trySend(expected(1, 1 << 20)).isPresent()) {
                assertThat(disk.unacknowledgedBytes())
                        .isLessThanOrEqualTo(LinkSettings.Windows.defaults().diskBytes());
            }
            pair.source().sender(Link.StreamId.CONTROL).send(Frame.withoutPayload(9, 1, 2));
            assertThat(decided.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void measuresTheRoundTripAndTheClocks() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            CountDownLatch received = new CountDownLatch(1);
            pair.destination().receive(Link.StreamId.CONTROL, (number, frame, consumed) -> {
                consumed.run();
                received.countDown();
            });
            StreamSender control = pair.source().sender(Link.StreamId.CONTROL);
            Link.LinkStatistics statistics = pair.source().statistics();
            while (Double.isNaN(statistics.roundTripMillis())) {
                control.send(Frame.withoutPayload(1, 0, 0));
                control.awaitAcknowledged();
                statistics = pair.source().statistics();
            }
            assertThat(statistics.roundTripMillis()).isBetween(0.0, 1_000.0);
            assertThat(statistics.peerClockOffsetMillis()).isBetween(-1_000.0, 1_000.0);
            assertThat(statistics.bytesSent()).isPositive();
            assertThat(statistics.bytesReceived()).isPositive();
        }
    }

    @Test
    void closingIsToldFromFailingAndLeavesNoThread() throws LinkException, InterruptedException {
        LinkPair pair = LinkPair.open(LinkPair.settings());
        CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
        CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
        StreamSender sender = pair.source().sender(DISK);
        pair.source().close();
        assertThat(LinkPair.await(here).closed()).isTrue();
        assertThat(LinkPair.await(there)).isEqualTo(new Link.LinkEnd(true, "closed by the peer"));
        assertThatThrownBy(() -> sender.send(expected(0, 1))).isInstanceOf(LinkException.class);
        assertThat(sender.trySend(expected(0, 1))).isEmpty();
        assertThat(LinkPair.endOf(pair.source())).isDone();
        closeToTheLastThread(pair);
    }

    private static void closeToTheLastThread(LinkPair pair) throws InterruptedException {
        pair.close();
        for (Thread thread : pair.threads) {
            thread.join(TimeUnit.SECONDS.toMillis(LinkPair.PATIENCE_SECONDS));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void leavesNoSocketBehind() throws LinkException, InterruptedException, IOException {
        closeToTheLastThread(LinkPair.open(LinkPair.settings()));
        List<String> before = openSockets();
        for (int round = 0; round < 5; round++) {
            closeToTheLastThread(LinkPair.open(LinkPair.settings()));
        }
        assertThat(before).containsAll(openSockets());
    }

    private static List<String> openSockets() throws IOException {
        List<String> sockets = new ArrayList<>();
        for (int descriptor = 0; descriptor < 1_000; descriptor++) {
            opened(descriptor).filter(what -> what.startsWith("socket:")).ifPresent(sockets::add);
        }
        return sockets;
    }

    /** What a descriptor stands for; other threads of this process open and close theirs meanwhile. */
    private static Optional<String> opened(int descriptor) throws IOException {
        try {
            Path link = Path.of("/proc/self/fd", Integer.toString(descriptor));
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (NoSuchFileException closed) {
            return Optional.empty();
        }
    }

    @Test
    void deliversControlFramesSentBeforeTheClose() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            CountDownLatch received = new CountDownLatch(50);
            pair.destination().receive(Link.StreamId.CONTROL, (number, frame, consumed) -> received.countDown());
            StreamSender control = pair.source().sender(Link.StreamId.CONTROL);
            for (int index = 0; index < 50; index++) {
                control.send(expected(index, 1_000));
            }
            pair.source().close();
            assertThat(received.await(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void aReceiverThatFailsEndsTheLinkWithItsReason() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.source());
            pair.destination().receive(DISK, (number, frame, consumed) -> {
                throw new IllegalStateException("no place for this");
            });
            pair.source().sender(DISK).send(expected(0, 10));
            Link.LinkEnd end = LinkPair.await(there);
            assertThat(end.closed()).isFalse();
            assertThat(end.reason()).contains("no place for this");
        }
    }

    @Test
    void aFrameIsConsumedOnlyOnce() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            CompletableFuture<Runnable> taken = new CompletableFuture<>();
            pair.destination().receive(DISK, (number, frame, consumed) -> taken.complete(consumed));
            pair.source().sender(DISK).send(expected(0, 10));
            Runnable consumed = LinkPair.await(taken);
            consumed.run();
            assertThatThrownBy(consumed::run).isInstanceOf(IllegalStateException.class);
        }
    }

    private static void consume(BlockingQueue<Runnable> held, int count) {
        try {
            for (int index = 0; index < count; index++) {
                held.take().run();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static long sendUnchecked(StreamSender sender, Frame frame) {
        try {
            return sender.send(frame);
        } catch (LinkException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static Frame expected(int index, int length) {
        byte[] payload = new byte[length];
        new Random(index).nextBytes(payload);
        return new Frame(1 + index % 255, index * 7L, length, ByteBuffer.wrap(payload));
    }

    private static boolean isExpected(Frame frame, int index, int length) {
        return frame.equals(expected(index, length));
    }
}
