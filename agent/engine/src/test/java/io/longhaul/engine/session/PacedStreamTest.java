package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

final class PacedStreamTest {
    private static final int HEADER_BYTES = 40;

    private final Sent sent = new Sent();
    private final PacedStream stream = new PacedStream(sent);

    @Test
    void countsWhatTheFarSideHasAndNeverFalls() throws LinkException, InterruptedException {
        stream.onAcknowledged(number -> {});
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long acknowledged = 0;
        for (int step = 0; step < 1_000; step++) {
            if (random.nextBoolean()) {
                send(random.nextInt(5_000), random.nextBoolean());
            } else {
                acknowledged += sent.acknowledge();
            }
            assertThat(stream.acknowledgedBytes())
                    .as("seed %d, step %d", seed, step)
                    .isEqualTo(acknowledged);
        }
    }

    @Test
    void whoSendsWaitsForAcknowledgementsWhereTheLimitIsReached() throws LinkException, InterruptedException {
        stream.onAcknowledged(number -> {});
        stream.limit(100);
        send(100, false);
        CompletableFuture<Void> sending = waiting();
        assertThat(sent.count()).isEqualTo(1);
        sent.acknowledge();
        sending.join();
    }

    @Test
    void aHigherLimitAndAStopFreeWhoWaits() throws LinkException, InterruptedException {
        stream.limit(100);
        send(100, false);
        CompletableFuture<Void> sending = waiting();
        stream.limit(1_000);
        sending.join();
        stream.limit(100);
        CompletableFuture<Void> again = waiting();
        stream.stop();
        again.join();
        assertThat(sent.count()).isEqualTo(3);
    }

    @Test
    void theLimitIsNotForWhoDoesNotWait() throws LinkException, InterruptedException {
        stream.limit(1);
        send(100, true);
        send(100, true);
        assertThat(sent.count()).isEqualTo(2);
        sent.full = true;
        assertThat(stream.trySend(frame(100))).isEmpty();
        while (sent.count() > 0) {
            sent.acknowledge();
        }
        assertThat(stream.acknowledgedBytes()).as("without what had no room").isEqualTo(2 * (100 + HEADER_BYTES));
    }

    /** One that is in its send, and has asked for room. */
    private CompletableFuture<Void> waiting() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        sent.asked = asked;
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                send(100, false);
            } catch (LinkException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        });
        asked.await();
        assertThat(sending).isNotDone();
        return sending;
    }

    private void send(int bytes, boolean without) throws LinkException, InterruptedException {
        if (without) {
            assertThat(stream.trySend(frame(bytes))).isPresent();
        } else {
            stream.send(frame(bytes));
        }
    }

    private static Frame frame(int bytes) {
        return new Frame(1, 0, 0, ByteBuffer.allocate(bytes));
    }

    /** A stream without a window. Thread safe. */
    private static final class Sent implements StreamSender {
        private final Deque<Integer> unacknowledged = new ArrayDeque<>();
        private volatile CountDownLatch asked = new CountDownLatch(1);
        private volatile boolean full;
        private LongConsumer listener = number -> {};
        private long numbers;
        private long bytes;

        @Override
        public synchronized long send(Frame frame) {
            int size = HEADER_BYTES + frame.payload().remaining();
            unacknowledged.add(size);
            bytes += size;
            return numbers++;
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return full ? OptionalLong.empty() : OptionalLong.of(send(frame));
        }

        @Override
        public synchronized void onAcknowledged(LongConsumer told) {
            listener = told;
        }

        @Override
        public long unacknowledgedBytes() {
            long now;
            synchronized (this) {
                now = bytes;
            }
            asked.countDown();
            return now;
        }

        @Override
        public void awaitAcknowledged() {
            throw new UnsupportedOperationException();
        }

        synchronized int count() {
            return unacknowledged.size();
        }

        /** The oldest; 0 where there is none. */
        int acknowledge() {
            int size;
            LongConsumer told;
            synchronized (this) {
                if (unacknowledged.isEmpty()) {
                    return 0;
                }
                size = unacknowledged.remove();
                bytes -= size;
                told = listener;
            }
            told.accept(0);
            return size;
        }
    }
}
