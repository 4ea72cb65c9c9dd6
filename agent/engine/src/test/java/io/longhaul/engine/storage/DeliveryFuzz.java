package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import java.nio.ByteBuffer;
import java.util.List;

/** What a disk's stream may carry: a range within the disk, or a refusal. Input: number, kind, position, extent, payload. */
public final class DeliveryFuzz {
    private static final int FIELDS_BYTES = 3 * Long.BYTES + 1;
    private static final long DISK_BYTES = (1L << 40) + 512;

    private DeliveryFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < FIELDS_BYTES) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(input);
        // The transport lets no frame pass with a number below 0 or a kind of 0.
        long number = in.getLong() & Long.MAX_VALUE;
        Frame frame = new Frame(Math.max(1, in.get() & 0xFF), in.getLong(), in.getLong(), in.slice());
        try {
            Delivery delivery = Delivery.parse(number, frame, DISK_BYTES, () -> {});
            long end = Math.addExact(delivery.offset(), delivery.lengthBytes());
            if (delivery.offset() < 0 || delivery.lengthBytes() <= 0 || end > DISK_BYTES) {
                throw new AssertionError("beyond the disk: " + delivery);
            }
            if (delivery.barrier() < 0 || delivery.barrier() > number || delivery.heldBytes() != in.remaining()) {
                throw new AssertionError("impossible: " + delivery);
            }
        } catch (StorageException allowed) {
            // A peer that is refused.
        }
    }

    public static List<byte[]> seeds() {
        return List.of(
                input(9, DiskFrames.data(65_536, 3, ByteBuffer.allocate(100))),
                input(9, DiskFrames.zeroes(0, 0, DISK_BYTES)),
                input(1, DiskFrames.zeroes(DISK_BYTES - 1, 2, 1)));
    }

    private static byte[] input(long number, Frame frame) {
        return ByteBuffer.allocate(FIELDS_BYTES + frame.payload().remaining())
                .putLong(number)
                .put((byte) frame.kind())
                .putLong(frame.position())
                .putLong(frame.extent())
                .put(frame.payload().duplicate())
                .array();
    }
}
