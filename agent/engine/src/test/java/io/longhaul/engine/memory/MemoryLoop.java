package io.longhaul.engine.memory;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongConsumer;

/**
 * Source and destination on one thread: frames and verdicts stay on the way until the sender reads from its hypervisor, and
 * then as many arrive as the seed says.
 */
final class MemoryLoop {
    private final Random random;
    private final Deque<Frame> onTheWay = new ArrayDeque<>();
    private final Deque<Frame> comingBack = new ArrayDeque<>();
    private final ByteArrayOutputStream loaded = new ByteArrayOutputStream();
    private final WritableByteChannel incoming = Channels.newChannel(loaded);
    private final MemoryReceiver receiver;
    final MemorySender sender;
    private LongConsumer acknowledgement = number -> {};
    private long delivered;
    private long sent;
    private long returned;
    boolean verdictsGetLost;

    MemoryLoop(Random random, MemorySenderSettings settings, MemoryPorts ports, ContentReader content) {
        this.random = random;
        this.receiver = new MemoryReceiver(content);
        this.receiver.answerOn(new OneWay(comingBack));
        this.sender = new MemorySender(new OneWay(onTheWay), settings, ports);
    }

    /** What the destination's hypervisor was given. */
    byte[] carry(byte[] stream) throws IOException, LinkException, InterruptedException {
        long frames = sender.pump(new Pieces(stream));
        if (frames != sent) {
            throw new AssertionError(frames + " frames said, " + sent + " sent");
        }
        deliver(Integer.MAX_VALUE);
        if (incoming.isOpen()) {
            throw new AssertionError("the end did not arrive");
        }
        return loaded.toByteArray();
    }

    private void deliver(int most) throws IOException, InterruptedException {
        for (int count = 0; count < most && !onTheWay.isEmpty(); count++) {
            receiver.accept(onTheWay.remove(), incoming);
            acknowledgement.accept(delivered++);
        }
        while (!comingBack.isEmpty() && !verdictsGetLost && random.nextBoolean()) {
            sender.onFrame(returned++, comingBack.remove(), () -> {});
        }
    }

    static Ticker stoppedClock() {
        return new Ticker() {
            @Override
            public long nanos() {
                return 0;
            }

            @Override
            public long wallMicros() {
                return 0;
            }
        };
    }

    private final class Pieces implements ReadableByteChannel {
        private final ByteBuffer stream;

        Pieces(byte[] bytes) {
            stream = ByteBuffer.wrap(bytes);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            try {
                deliver(random.nextInt(4));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (!stream.hasRemaining()) {
                return -1;
            }
            int wanted = random.nextInt(5) == 0 ? 1 + random.nextInt(20) : 1 + random.nextInt(200_000);
            int length = Math.min(Math.min(wanted, into.remaining()), stream.remaining());
            into.put(stream.slice().limit(length));
            stream.position(stream.position() + length);
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final class OneWay implements StreamSender {
        private final Deque<Frame> frames;

        OneWay(Deque<Frame> frames) {
            this.frames = frames;
        }

        @Override
        public long send(Frame frame) {
            frames.add(frame);
            return frames == onTheWay ? sent++ : 0;
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return OptionalLong.of(send(frame));
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
