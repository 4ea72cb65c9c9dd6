package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream without threads: frames and acknowledgements lie on the way until the simulation picks one of them, any one.
 * A send that finds the window full lets the world go on until there is room.
 */
final class SimulatedStream implements StreamSender {
    private final Random random;
    private final long windowBytes;
    private final Runnable world;
    private final List<Runnable> onTheWay = new ArrayList<>();
    private final Map<Long, Integer> unacknowledged = new HashMap<>();
    private LongConsumer acknowledgement = number -> {};
    private @Nullable FrameReceiver receiver;
    private long next;
    private long bytes;
    private boolean waiting;
    long payloadBytes;

    SimulatedStream(Random random, long windowBytes, Runnable world) {
        this.random = random;
        this.windowBytes = windowBytes;
        this.world = world;
    }

    void receiver(FrameReceiver taker) {
        receiver = taker;
    }

    /** Lets one frame or acknowledgement arrive. @return false where none is on the way */
    boolean deliver() {
        if (onTheWay.isEmpty()) {
            return false;
        }
        onTheWay.remove(random.nextInt(onTheWay.size())).run();
        return true;
    }

    boolean waiting() {
        return waiting;
    }

    @Override
    public long send(Frame frame) throws LinkException {
        waiting = true;
        for (int turn = 0; !hasRoom(frame); turn++) {
            if (turn > 1_000_000) {
                throw new LinkException("the window never opened: deadlock");
            }
            world.run();
        }
        waiting = false;
        return accept(frame);
    }

    @Override
    public OptionalLong trySend(Frame frame) {
        boolean refused = random.nextInt(8) == 0 || !hasRoom(frame);
        return refused ? OptionalLong.empty() : OptionalLong.of(accept(frame));
    }

    @Override
    public void onAcknowledged(LongConsumer listener) {
        acknowledgement = listener;
    }

    @Override
    public long unacknowledgedBytes() {
        return bytes;
    }

    @Override
    public void awaitAcknowledged() {
        throw new UnsupportedOperationException("nothing here waits for it");
    }

    private boolean hasRoom(Frame frame) {
        return bytes + frame.payload().remaining() <= windowBytes;
    }

    private long accept(Frame frame) {
        long number = next++;
        int size = frame.payload().remaining();
        bytes += size;
        payloadBytes += size;
        unacknowledged.put(number, size);
        onTheWay.add(() -> arrive(number, frame));
        // What follows within the same call may find the frame arrived, applied and acknowledged already.
        while (random.nextInt(4) == 0 && deliver()) {
            Thread.onSpinWait();
        }
        return number;
    }

    private void arrive(long number, Frame frame) {
        // A copy made on arrival: the sender's buffer must not have changed until the acknowledgement.
        ByteBuffer payload = ByteBuffer.allocate(frame.payload().remaining());
        payload.put(frame.payload().duplicate()).flip();
        Frame arrived = new Frame(frame.kind(), frame.position(), frame.extent(), payload);
        FrameReceiver taker = receiver;
        if (taker != null) {
            taker.onFrame(number, arrived, () -> onTheWay.add(() -> acknowledge(number)));
        }
    }

    private void acknowledge(long number) {
        Integer size = unacknowledged.remove(number);
        if (size == null) {
            throw new AssertionError("frame " + number + " was acknowledged twice");
        }
        bytes -= size;
        acknowledgement.accept(number);
    }
}
