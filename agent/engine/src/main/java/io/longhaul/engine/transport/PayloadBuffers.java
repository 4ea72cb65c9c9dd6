package io.longhaul.engine.transport;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arrays for the long payloads of one link's frames, used again once a frame is consumed. Thread safe. Never has more of
 * them than were held at one time, which the windows bound.
 *
 * <p>A payload waits for its turn at the disk for longer than a young collection lets it be young. Made anew for each
 * frame, payloads of 200 MB/s had the serial collector of a small heap stop the destination's agent for 100 ms in every 600
 * (62 full collections in 20 s). What is not given back, as by a link that has failed, is garbage as any other array:
 * unlike direct memory it needs nobody's care.
 */
final class PayloadBuffers {
    /** A frame of pages is just above 256 KiB, with at most 60 KiB of tables; one of a disk is as long as allowed. */
    private static final List<Size> SIZES =
            List.of(new Size(240 << 10, 320 << 10), new Size(768 << 10, Frame.PAYLOAD_LIMIT_BYTES));

    private final List<Deque<byte[]>> free = List.of(new ArrayDeque<>(), new ArrayDeque<>());

    /** An array of so many bytes, for payloads of more than three quarters of that: few bytes must not keep many. */
    private record Size(int aboveBytes, int bytes) {}

    /** As many bytes as asked for from position 0 to the limit, of any content, in an array of its own. */
    ByteBuffer take(int bytes) {
        for (int index = 0; index < SIZES.size(); index++) {
            Size size = SIZES.get(index);
            if (bytes > size.aboveBytes() && bytes <= size.bytes()) {
                byte[] again = poll(index);
                return ByteBuffer.wrap(again == null ? new byte[size.bytes()] : again, 0, bytes);
            }
        }
        return ByteBuffer.allocate(bytes);
    }

    private byte @Nullable [] poll(int index) {
        synchronized (free) {
            return free.get(index).poll();
        }
    }

    /**
     * Nobody reads these bytes any more. Once for each that was taken.
     *
     * @param taken as {@link #take} returned it; position and limit may be others
     */
    void giveBack(ByteBuffer taken) {
        for (int index = 0; index < SIZES.size(); index++) {
            if (taken.array().length == SIZES.get(index).bytes()) {
                synchronized (free) {
                    free.get(index).push(taken.array());
                }
            }
        }
    }
}
