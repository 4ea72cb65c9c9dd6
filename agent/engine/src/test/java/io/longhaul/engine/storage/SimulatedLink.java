package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A link without threads, one direction of data and one of what is returned. Frames and acknowledgements lie on the way
 * until the simulation picks one of them, any one. While it is cut nothing arrives and what was on the way is lost; when it
 * is back everything that the other end does not have comes again, once.
 */
final class SimulatedLink {
    private final Random random;
    private final long windowBytes;
    private final Runnable world;
    private final List<Way> onTheWay = new ArrayList<>();
    private final List<Stream> streams = new ArrayList<>();
    private long dataBytes;
    private boolean waiting;
    private boolean cut;
    private boolean ended;
    long mostRepeatedBytes;

    /** @param frame null for an acknowledgement */
    private record Way(Stream stream, long number, @Nullable Frame frame) {}

    SimulatedLink(Random random, long windowBytes, Runnable world) {
        this.random = random;
        this.windowBytes = windowBytes;
        this.world = world;
    }

    /** One of those that share the window, in any order. */
    Stream data(FrameReceiver receiver) {
        return open(new Stream(receiver, false));
    }

    /** One in order, without a window. */
    Stream returned(FrameReceiver receiver) {
        return open(new Stream(receiver, true));
    }

    private Stream open(Stream stream) {
        streams.add(stream);
        return stream;
    }

    /** Lets one frame or acknowledgement arrive. @return false where none is on the way */
    boolean deliver() {
        if (onTheWay.isEmpty() || cut || ended) {
            return false;
        }
        // The last one takes the place of the one that is taken: any order will do, and this one is quick.
        int index = random.nextInt(onTheWay.size());
        Way way = onTheWay.get(index);
        Way last = onTheWay.remove(onTheWay.size() - 1);
        if (index < onTheWay.size()) {
            onTheWay.set(index, last);
        }
        if (way.frame() == null) {
            way.stream().acknowledge(way.number());
        } else {
            way.stream().arrive(way.number(), way.frame());
        }
        return true;
    }

    void cut() {
        if (!cut) {
            cut = true;
            onTheWay.clear();
        }
    }

    boolean isCut() {
        return cut;
    }

    /** The link is back, and what was lost comes again. */
    void resume() {
        if (!cut) {
            return;
        }
        cut = false;
        long repeated = 0;
        for (Stream stream : streams) {
            repeated += stream.repeat();
        }
        mostRepeatedBytes = Math.max(mostRepeatedBytes, repeated);
    }

    void end() {
        ended = true;
        onTheWay.clear();
    }

    boolean waiting() {
        return waiting;
    }

    /** Both ends of one stream. */
    final class Stream implements StreamSender {
        private final FrameReceiver receiver;
        private final boolean returned;
        private final Map<Long, Frame> unacknowledged = new HashMap<>();
        private final Set<Long> consumed = new HashSet<>();
        private final Set<Long> received = new HashSet<>();
        private final Set<Long> wereOnTheWay = new HashSet<>();
        private final TreeMap<Long, Frame> early = new TreeMap<>();
        private LongConsumer acknowledgement = number -> {};
        private long next;
        private long nextInOrder;

        private Stream(FrameReceiver receiver, boolean returned) {
            this.receiver = receiver;
            this.returned = returned;
        }

        @Override
        public long send(Frame frame) throws LinkException {
            waiting = true;
            for (int turn = 0; !hasRoom(frame) && !ended; turn++) {
                if (turn > 1_000_000) {
                    throw new LinkException("the window never opened: deadlock");
                }
                world.run();
            }
            waiting = false;
            if (ended) {
                throw new LinkException("ended");
            }
            return accept(frame);
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            boolean refused = ended || random.nextInt(8) == 0 || !hasRoom(frame);
            return refused ? OptionalLong.empty() : OptionalLong.of(accept(frame));
        }

        @Override
        public void onAcknowledged(LongConsumer listener) {
            acknowledgement = listener;
        }

        @Override
        public long unacknowledgedBytes() {
            throw new UnsupportedOperationException("nothing here asks for it");
        }

        @Override
        public void awaitAcknowledged() {
            throw new UnsupportedOperationException("nothing here waits for it");
        }

        private boolean hasRoom(Frame frame) {
            return returned || dataBytes + frame.payload().remaining() <= windowBytes;
        }

        private long accept(Frame frame) {
            long number = next++;
            if (!returned) {
                dataBytes += frame.payload().remaining();
            }
            unacknowledged.put(number, frame);
            if (!cut) {
                putOnTheWay(number, frame);
            }
            // What follows within the same call may find the frame arrived, applied and acknowledged already.
            while (random.nextInt(4) == 0 && deliver()) {
                Thread.onSpinWait();
            }
            return number;
        }

        private void putOnTheWay(long number, Frame frame) {
            wereOnTheWay.add(number);
            onTheWay.add(new Way(this, number, frame));
        }

        private void arrive(long number, Frame frame) {
            received.add(number);
            // A copy made on arrival: the sender's buffer must not have changed until the acknowledgement.
            ByteBuffer payload = ByteBuffer.allocate(frame.payload().remaining());
            payload.put(frame.payload().duplicate()).flip();
            Frame arrived = new Frame(frame.kind(), frame.position(), frame.extent(), payload);
            if (!returned) {
                hand(number, arrived);
                return;
            }
            early.put(number, arrived);
            for (Frame first = early.remove(nextInOrder); first != null; first = early.remove(nextInOrder)) {
                hand(nextInOrder++, first);
            }
        }

        private void hand(long number, Frame frame) {
            receiver.onFrame(number, frame, () -> {
                consumed.add(number);
                if (!cut && !ended) {
                    onTheWay.add(new Way(this, number, null));
                }
            });
        }

        private void acknowledge(long number) {
            Frame frame = unacknowledged.remove(number);
            if (frame == null) {
                throw new AssertionError("frame " + number + " was acknowledged twice");
            }
            if (!returned) {
                dataBytes -= frame.payload().remaining();
            }
            acknowledgement.accept(number);
        }

        private long repeat() {
            long repeated = 0;
            for (Map.Entry<Long, Frame> sent : Map.copyOf(unacknowledged).entrySet()) {
                long number = sent.getKey();
                if (consumed.contains(number)) {
                    onTheWay.add(new Way(this, number, null));
                } else if (!received.contains(number)) {
                    repeated += wereOnTheWay.contains(number) && !returned
                            ? sent.getValue().payload().remaining()
                            : 0;
                    putOnTheWay(number, sent.getValue());
                }
            }
            return repeated;
        }
    }
}
