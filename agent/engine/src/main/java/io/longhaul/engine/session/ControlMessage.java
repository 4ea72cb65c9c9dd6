package io.longhaul.engine.session;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the two sides tell each other on the control stream.
 *
 * <pre>
 *   kind  message   payload
 *   1     GRANT     int disk count, per disk: long frames ever sent; long frames ever sent of the memory stream
 *   2     TAKEN     none
 *   3     REFUSED   problem (see {@link ProblemCodec})
 *   4     ABORT     problem; where the end was asked for, one that says so
 *   5     PAUSED    none
 *   6     SEAL      int disk count, per disk: long frames ever sent
 * </pre>
 */
sealed interface ControlMessage {
    int GRANT = 1;
    int TAKEN = 2;
    int REFUSED = 3;
    int ABORT = 4;
    int PAUSED = 5;
    int SEAL = 6;

    /** No machine has more: there are no streams for them. */
    int DISK_LIMIT = Link.StreamId.DISKS_LIMIT;

    Frame frame();

    /**
     * The machine is the destination's as soon as it has all this and says TAKEN. Frame counts stand in for an order across
     * streams: GRANT may overtake what it counts.
     */
    record Grant(List<Long> diskFrames, long memoryFrames) implements ControlMessage {
        public Grant {
            diskFrames = List.copyOf(diskFrames);
        }

        @Override
        public Frame frame() {
            ByteBuffer payload = ByteBuffer.allocate(Integer.BYTES + Long.BYTES * (diskFrames.size() + 1));
            putCounts(payload, diskFrames);
            payload.putLong(memoryFrames);
            return new Frame(GRANT, 0, 0, payload.flip());
        }
    }

    record Taken() implements ControlMessage {
        @Override
        public Frame frame() {
            return Frame.withoutPayload(TAKEN, 0, 0);
        }
    }

    record Refused(SideProblem problem) implements ControlMessage {
        @Override
        public Frame frame() {
            return new Frame(REFUSED, 0, 0, ByteBuffer.wrap(ProblemCodec.encode(problem)));
        }
    }

    record Abort(SideProblem problem) implements ControlMessage {
        @Override
        public Frame frame() {
            return new Frame(ABORT, 0, 0, ByteBuffer.wrap(ProblemCodec.encode(problem)));
        }
    }

    /**
     * The guest has been paused: from here on the destination has little patience with a link that is away, since the
     * guest stands still while it waits, and makes safe what its disks have so that the last flush is short.
     */
    record Paused() implements ControlMessage {
        @Override
        public Frame frame() {
            return Frame.withoutPayload(PAUSED, 0, 0);
        }
    }

    /** All that the disks' streams will ever carry: the destination may seal its disks while memory is on its way. */
    record Seal(List<Long> diskFrames) implements ControlMessage {
        public Seal {
            diskFrames = List.copyOf(diskFrames);
        }

        @Override
        public Frame frame() {
            ByteBuffer payload = ByteBuffer.allocate(Integer.BYTES + Long.BYTES * diskFrames.size());
            putCounts(payload, diskFrames);
            return new Frame(SEAL, 0, 0, payload.flip());
        }
    }

    private static void putCounts(ByteBuffer payload, List<Long> counts) {
        payload.putInt(counts.size());
        counts.forEach(payload::putLong);
    }

    /** @throws PeerViolationException where the frame is none of these */
    static ControlMessage of(Frame frame) throws PeerViolationException {
        return switch (frame.kind()) {
            case GRANT -> grant(frame.payload().duplicate());
            case TAKEN -> new Taken();
            case REFUSED -> new Refused(problem(frame.payload()));
            case ABORT -> new Abort(problem(frame.payload()));
            case PAUSED -> new Paused();
            case SEAL -> new Seal(counts(frame.payload().duplicate(), 0));
            default -> throw new PeerViolationException("A control message of kind " + frame.kind(), "1 to 6");
        };
    }

    private static Grant grant(ByteBuffer payload) throws PeerViolationException {
        return new Grant(counts(payload, Long.BYTES), count(payload));
    }

    private static long count(ByteBuffer payload) throws PeerViolationException {
        long count = payload.getLong();
        if (count < 0) {
            throw new PeerViolationException("A count of " + count + " frames", "0 or more");
        }
        return count;
    }

    /** @param following bytes that must follow the counts */
    private static List<Long> counts(ByteBuffer payload, int following) throws PeerViolationException {
        int disks = payload.remaining() >= Integer.BYTES ? payload.getInt() : -1;
        if (disks < 0 || disks > DISK_LIMIT || payload.remaining() != Long.BYTES * disks + following) {
            throw new PeerViolationException(
                    "Malformed counts: " + disks + " disks, " + payload.remaining() + " bytes of counts",
                    "0 to " + DISK_LIMIT + " disks, with " + Long.BYTES + " bytes for each count");
        }
        List<Long> frames = new ArrayList<>();
        for (int disk = 0; disk < disks; disk++) {
            frames.add(count(payload));
        }
        return frames;
    }

    private static SideProblem problem(ByteBuffer payload) throws PeerViolationException {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        try {
            return ProblemCodec.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException cut) {
            throw new PeerViolationException(
                    "A problem that is cut off or not UTF-8, of " + bytes.length + " bytes", "five texts");
        }
    }
}
