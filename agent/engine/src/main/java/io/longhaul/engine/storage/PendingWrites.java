package io.longhaul.engine.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What the guest wrote to one region while its frames were in flight, newest bytes only. Guarded by its {@link DiskCopy}
 * until it is taken out to be sent, then owned by the mover.
 */
final class PendingWrites {
    private static final int SECTOR_BYTES = 512;
    /** More pieces than this cost more than reading and sending the region as one. */
    private static final int PIECE_LIMIT = 8;

    private final int region;
    private final byte[] bytes;
    private final BitSet sectors = new BitSet();

    PendingWrites(int region, int lengthBytes) {
        this.region = region;
        this.bytes = new byte[lengthBytes];
    }

    int region() {
        return region;
    }

    int capacityBytes() {
        return bytes.length;
    }

    /**
     * Lays a write over what is there.
     *
     * @return false where it cannot be kept in whole sectors; then nothing here is to be used any more
     */
    boolean lay(int offset, ByteBuffer data) {
        int end = offset + data.remaining();
        if (offset % SECTOR_BYTES != 0 || (end % SECTOR_BYTES != 0 && end != bytes.length)) {
            return false;
        }
        data.get(bytes, offset, data.remaining());
        sectors.set(offset / SECTOR_BYTES, (end + SECTOR_BYTES - 1) / SECTOR_BYTES);
        return pieceCount() <= PIECE_LIMIT;
    }

    /** The pieces to send, none of which touch. Each owns its bytes. */
    List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>();
        for (int first = sectors.nextSetBit(0); first >= 0; ) {
            int last = sectors.nextClearBit(first);
            int from = first * SECTOR_BYTES;
            int end = Math.min(bytes.length, last * SECTOR_BYTES);
            // A copy, so that a few sectors in flight do not keep the whole region's buffer.
            byte[] owned = end - from == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, end);
            pieces.add(new Piece(from, ByteBuffer.wrap(owned)));
            first = sectors.nextSetBit(last);
        }
        return pieces;
    }

    private int pieceCount() {
        int count = 0;
        for (int first = sectors.nextSetBit(0); first >= 0; first = sectors.nextSetBit(sectors.nextClearBit(first))) {
            count++;
        }
        return count;
    }

    /** @param offset within the region */
    record Piece(int offset, ByteBuffer bytes) {}
}
