package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What the writing thread of a connection does. Owned by that thread. */
final class LaneWriter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Lane lane;
    private final FrameWriter out;
    private final Outbox outbox;
    private final long idleNanos;

    LaneWriter(Lane lane, RateLimiter limiter, LongAdder bytesSent, Outbox outbox, long idleNanos) {
        this.lane = lane;
        this.out = lane.writer(limiter, bytesSent);
        this.outbox = outbox;
        this.idleNanos = idleNanos;
    }

    /** Returns when the link ends. A connection that was idle for too long gets a frame that shows it alive. */
    void writeBulk() throws IOException, InterruptedException {
        List<OutgoingFrame> batch = new ArrayList<>();
        while (outbox.takeBulk(batch, idleNanos)) {
            if (batch.isEmpty()) {
                out.writeUrgently(FrameHeader.of(FrameType.ALIVE, 0, 0), NOTHING);
            }
            writeAll(batch);
            batch.clear();
        }
    }

    /** Returns when the link ends, after the last words where there are some. */
    void writeUrgent(UrgentSource source) throws IOException, InterruptedException {
        Urgent urgent = outbox.takeUrgent(idleNanos);
        while (urgent != null) {
            writeHeartbeats(urgent, source);
            if (!urgent.acks().isEmpty()) {
                source.onAcksLeave(urgent.acks());
                ByteBuffer ranges = FrameCodec.encodeAcks(urgent.acks());
                out.writeUrgently(FrameHeader.of(FrameType.ACK, 0, ranges.remaining()), ranges);
            }
            writeAll(urgent.frames());
            Urgent.Ending end = urgent.end();
            if (end != null) {
                ByteBuffer reason = FrameCodec.encodeReason(end.reason());
                int kind = end.closed() ? FrameCodec.END_CLOSED : FrameCodec.END_FAILED;
                out.writeUrgently(FrameHeader.of(FrameType.END, kind, reason.remaining()), reason);
                lane.finishWriting();
                return;
            }
            urgent = outbox.takeUrgent(idleNanos);
        }
    }

    private void writeHeartbeats(Urgent urgent, UrgentSource source) throws IOException {
        Urgent.Answer answer = urgent.answer();
        if (answer != null) {
            out.writeUrgently(source.pong(answer), NOTHING);
        }
        if (urgent.ping()) {
            out.writeUrgently(source.ping(), NOTHING);
        }
    }

    private void writeAll(List<OutgoingFrame> frames) throws IOException, InterruptedException {
        if (frames.isEmpty()) {
            return;
        }
        for (OutgoingFrame frame : frames) {
            out.write(frame.header(), frame.payload());
        }
        out.flush();
    }

    /** What the link adds at the moment of writing. */
    interface UrgentSource {
        /** A ping that leaves now. */
        FrameHeader ping();

        /** A pong that leaves now. */
        FrameHeader pong(Urgent.Answer answer);

        /** The acknowledgements leave now: what they cover need not be held against the sender. */
        void onAcksLeave(List<AckRange> acks);
    }
}
