package io.longhaul.engine.session;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * A stream whose acknowledged bytes are counted, and that may have less on the way than its window. Thread safe.
 *
 * <p>What waits in queues when the guest is paused is downtime: a window that holds the longest link in full is 270 ms of
 * a link of 1 Gbit/s with no distance.
 */
final class PacedStream implements StreamSender {
    /** Header and bookkeeping of a frame; only so that a stream of empty frames has a rate. */
    private static final int FRAME_BYTES = 40;

    private final StreamSender stream;
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong acknowledgedBytes = new AtomicLong();
    private long limitBytes = Long.MAX_VALUE;
    private boolean stopped;

    PacedStream(StreamSender stream) {
        this.stream = stream;
    }

    /** How much may be on the way from now on, where that is less than the window. A stream with less sends at once. */
    synchronized void limit(long bytes) {
        limitBytes = bytes;
        notifyAll();
    }

    /** Bytes that the far side has consumed. Never falls. */
    long acknowledgedBytes() {
        long acknowledged = Math.max(0, sentBytes.get() - stream.unacknowledgedBytes());
        return acknowledgedBytes.updateAndGet(known -> Math.max(known, acknowledged));
    }

    /** Frees whoever waits for the limit. Idempotent. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    @Override
    public long send(Frame frame) throws LinkException, InterruptedException {
        awaitRoom();
        int bytes = FRAME_BYTES + frame.payload().remaining();
        long number = stream.send(frame);
        sentBytes.addAndGet(bytes);
        return number;
    }

    private synchronized void awaitRoom() throws InterruptedException {
        while (stream.unacknowledgedBytes() >= limitBytes && !stopped) {
            wait();
        }
    }

    @Override
    public OptionalLong trySend(Frame frame) {
        int bytes = FRAME_BYTES + frame.payload().remaining();
        OptionalLong number = stream.trySend(frame);
        if (number.isPresent()) {
            sentBytes.addAndGet(bytes);
        }
        return number;
    }

    @Override
    public void onAcknowledged(LongConsumer listener) {
        stream.onAcknowledged(number -> {
            listener.accept(number);
            acknowledged();
        });
    }

    private synchronized void acknowledged() {
        notifyAll();
    }

    @Override
    public long unacknowledgedBytes() {
        return stream.unacknowledgedBytes();
    }

    @Override
    public void awaitAcknowledged() throws LinkException, InterruptedException {
        stream.awaitAcknowledged();
    }
}
