package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What the writing thread of a connection does. Owned by that thread. */
final class LaneWriter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Lane lane;
    private final FrameWriter out;
    private final Outbox outbox;
    private final PayloadCompressor compressor;
    private final long idleNanos;

    LaneWriter(Lane lane, FrameWriter out, Outbox outbox, PayloadCompressor compressor, long idleNanos) {
        this.lane = lane;
        this.out = out;
        this.outbox = outbox;
        this.compressor = compressor;
        this.idleNanos = idleNanos;
    }

    /** Returns when the link ends. A connection that was idle for too long gets a frame that shows it alive. */
    void writeBulk() throws IOException, InterruptedException {
        List<OutgoingFrame> batch = new ArrayList<>();
        try {
            while (outbox.takeBulk(lane, batch, idleNanos)) {
                if (batch.isEmpty()) {
                    out.writeUrgently(FrameHeader.of(FrameType.ALIVE, 0, 0), NOTHING);
                }
                for (OutgoingFrame frame : batch) {
                    write(frame);
                }
                out.flush();
            }
        } finally {
            outbox.finish(batch);
        }
    }

    /** Returns when the link ends, after the last words where there are some. */
    void writeUrgent(UrgentSource source) throws IOException, InterruptedException {
        Urgent urgent = outbox.takeUrgent(lane, idleNanos);
        while (urgent != null) {
            List<OutgoingFrame> frames = new ArrayList<>(urgent.frames());
            try {
                writeAnswers(urgent, source);
                writeControl(frames);
            } finally {
                outbox.finish(frames);
            }
            Urgent.Ending end = urgent.end();
            if (end != null) {
                ByteBuffer reason = FrameCodec.encodeReason(end.reason());
                int kind = end.closed() ? FrameCodec.END_CLOSED : FrameCodec.END_FAILED;
                out.writeUrgently(FrameHeader.of(FrameType.END, kind, reason.remaining()), reason);
                lane.finishWriting();
                return;
            }
            urgent = outbox.takeUrgent(lane, idleNanos);
        }
    }

    private void writeAnswers(Urgent urgent, UrgentSource source) throws IOException {
        Urgent.Answer answer = urgent.answer();
        if (answer != null) {
            out.writeUrgently(source.pong(answer), NOTHING);
        }
        if (urgent.ping()) {
            out.writeUrgently(source.ping(), NOTHING);
        }
        if (urgent.question() != 0) {
            out.writeUrgently(FrameHeader.ofQuestion(urgent.question()), NOTHING);
        }
        if (urgent.heldAnswer() != 0) {
            writeHeld(urgent.heldAnswer(), source.held());
        }
        if (!urgent.acks().isEmpty()) {
            source.onAcksLeave(urgent.acks());
            ByteBuffer ranges = FrameCodec.encodeAcks(urgent.acks());
            out.writeUrgently(FrameHeader.of(FrameType.ACK, 0, ranges.remaining()), ranges);
        }
    }

    private void writeHeld(long question, List<HeldRange> held) throws IOException {
        int from = 0;
        boolean last = false;
        while (!last) {
            int to = Math.min(held.size(), from + FrameCodec.ACK_RANGES_LIMIT);
            last = to == held.size();
            ByteBuffer ranges = FrameCodec.encodeHeld(held.subList(from, to));
            out.writeUrgently(FrameHeader.ofHeld(question, last, ranges.remaining()), ranges);
            from = to;
        }
    }

    private void writeControl(List<OutgoingFrame> frames) throws IOException, InterruptedException {
        for (OutgoingFrame frame : frames) {
            out.write(frame.header(), frame.payload());
        }
        out.flush();
    }

    private void write(OutgoingFrame frame) throws IOException, InterruptedException {
        ByteBuffer payload = frame.payload();
        ByteBuffer packed = compressor.pack(frame.stream(), payload);
        if (packed == null) {
            out.write(frame.header(), payload);
        } else {
            out.write(frame.header().compressedTo(packed.remaining()), packed);
        }
    }

    /** What the link adds at the moment of writing. */
    interface UrgentSource {
        /** A ping that leaves now. */
        FrameHeader ping();

        /** A pong that leaves now. */
        FrameHeader pong(Urgent.Answer answer);

        /** What has come, for a peer that has lost a connection. */
        List<HeldRange> held();

        /** The acknowledgements leave now: what they cover need not be held against the sender. */
        void onAcksLeave(List<AckRange> acks);
    }
}
