package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.PeerViolationException;
import java.nio.ByteBuffer;

/**
 * One valid frame at the destination.
 *
 * @param barrier how many frames must be applied before
 * @param heldBytes what it occupies until applied
 * @param consumed to be run once it is applied
 */
record Delivery(
        boolean zeroes,
        long offset,
        long lengthBytes,
        long barrier,
        ByteBuffer bytes,
        int heldBytes,
        Runnable consumed) {

    static Delivery parse(long number, Frame frame, long diskBytes, Runnable consumed) throws StorageException {
        int payload = frame.payload().remaining();
        if (frame.extent() < 0 || frame.extent() > number) {
            throw refuse(number, frame, "a barrier above its own number", "one of at most " + number);
        }
        boolean zeroes = frame.kind() == DiskFrames.ZEROES;
        if (!zeroes && frame.kind() != DiskFrames.DATA) {
            throw refuse(number, frame, "an unknown kind", "1 or 2");
        }
        if (zeroes && payload != Long.BYTES) {
            throw refuse(number, frame, "zeroes without a length", "a payload of " + Long.BYTES + " bytes");
        }
        if (payload > Frame.PAYLOAD_LIMIT_BYTES) {
            throw refuse(number, frame, "too long a payload", "at most " + Frame.PAYLOAD_LIMIT_BYTES + " bytes");
        }
        long length = zeroes ? frame.payload().getLong(frame.payload().position()) : payload;
        if (length <= 0 || frame.position() < 0 || length > diskBytes || frame.position() > diskBytes - length) {
            throw refuse(number, frame, "a range of " + length + " bytes", "a range within the disk's " + diskBytes);
        }
        return new Delivery(zeroes, frame.position(), length, frame.extent(), frame.payload(), payload, consumed);
    }

    private static StorageException refuse(long number, Frame frame, String why, String expected) {
        return new StorageException(new PeerViolationException(
                "frame " + number + " of the disk's stream (kind " + frame.kind() + ", position " + frame.position()
                        + ", barrier " + frame.extent() + ", payload "
                        + frame.payload().remaining() + ") has " + why,
                expected));
    }
}
