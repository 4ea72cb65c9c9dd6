package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.PeerViolationException;
import java.nio.ByteBuffer;

/**
 * What the destination tells of a disk before it has changed: on the disk's return stream, which is ordered.
 *
 * <pre>
 *   kind 1 DIGESTS  position: first region   extent: count of regions   payload: 16 bytes for each
 *   kind 2 BLANK    position: first region   extent: count of regions   payload: none; all of them read as zeros
 *   kind 3 END      position: 0              extent: 0                  payload: none; nothing more is told
 * </pre>
 *
 * A digest is the first 16 bytes of the SHA-256 of the region's bytes; the last region may be a short one. Regions that no
 * frame tells of may hold anything. What is told beyond the source's disk is ignored: disks of different sizes have
 * the regions before the end in common.
 */
final class SeedFrames {
    static final int DIGESTS = 1;
    static final int BLANK = 2;
    static final int END = 3;

    static final int DIGEST_BYTES = 16;

    private SeedFrames() {}

    static Frame digests(int first, int count, ByteBuffer digests) {
        return new Frame(DIGESTS, first, count, digests);
    }

    static Frame blank(int first, int count) {
        return Frame.withoutPayload(BLANK, first, count);
    }

    static Frame end() {
        return Frame.withoutPayload(END, 0, 0);
    }

    /** Refuses what no correct destination tells. */
    static void check(long number, Frame frame) throws StorageException {
        int payload = frame.payload().remaining();
        boolean ranged = frame.kind() == DIGESTS || frame.kind() == BLANK;
        boolean knownKind = ranged || frame.kind() == END;
        boolean range = !ranged
                || (frame.position() >= 0
                        && frame.position() <= Integer.MAX_VALUE
                        && frame.extent() > 0
                        && frame.extent() <= Integer.MAX_VALUE);
        long expected = frame.kind() == DIGESTS ? frame.extent() * DIGEST_BYTES : 0;
        if (!knownKind || !range || payload != expected) {
            throw new StorageException(new PeerViolationException(
                    "frame " + number + " of the disk's return stream is not valid: kind " + frame.kind()
                            + ", position " + frame.position() + ", extent " + frame.extent() + ", payload " + payload,
                    "kind 1 to 3, a range of regions for 1 and 2, and " + DIGEST_BYTES
                            + " bytes of payload for each region of kind 1"));
        }
    }
}
