package io.longhaul.engine.memory;

import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Finds pages on this host's disks and checks them. Used by one thread at a time. References that lie near each other on
 * one disk are read at once.
 */
final class ReferenceReader {
    private static final int READ_BYTES = 256 * 1024;

    /** Reading what lies between two references is cheaper than asking twice. */
    private static final int GAP_BYTES = 16 * 1024;

    private final ContentReader content;
    private final PageHash hash = new PageHash();
    private final byte[] bytes = new byte[READ_BYTES];

    /** One page of a frame of references. */
    record Reference(int index, int block, long page, int disk, long offset, byte[] hash) {}

    /** Takes a page that was found. */
    interface Found {
        void page(int block, long page, ByteBuffer content) throws IOException;
    }

    ReferenceReader(ContentReader content) {
        this.content = content;
    }

    /** The frame's sequence number is at the payload's start. */
    static List<Reference> decode(ByteBuffer payload) throws IOException {
        ByteBuffer in = payload.duplicate();
        if (in.remaining() < MemoryFrames.REFERENCES_HEADER_BYTES) {
            throw new PeerViolationException(
                    "A frame of references of " + in.remaining() + " bytes",
                    "at least " + MemoryFrames.REFERENCES_HEADER_BYTES);
        }
        in.getInt();
        int count = in.getShort() & 0xFFFF;
        if (count > MemoryFrames.REFERENCES_LIMIT || in.remaining() != count * MemoryFrames.REFERENCE_BYTES) {
            throw new PeerViolationException(
                    "A frame of " + count + " references with " + in.remaining() + " bytes of them",
                    "at most " + MemoryFrames.REFERENCES_LIMIT + ", of " + MemoryFrames.REFERENCE_BYTES
                            + " bytes each");
        }
        List<Reference> references = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            int block = in.getShort() & 0xFFFF;
            long page = in.getLong();
            int disk = in.getShort() & 0xFFFF;
            long offset = in.getLong();
            byte[] hash = new byte[MemoryFrames.HASH_BYTES];
            in.get(hash);
            references.add(new Reference(index, block, page, disk, offset, hash));
        }
        return references;
    }

    /** @return indexes of those that were not found */
    BitSet resolve(List<Reference> references, Found found) throws IOException {
        BitSet refused = new BitSet(references.size());
        List<Reference> ordered = references.stream()
                .sorted(Comparator.comparingInt(Reference::disk).thenComparingLong(Reference::offset))
                .toList();
        int from = 0;
        while (from < ordered.size()) {
            int to = from + 1;
            while (to < ordered.size() && near(ordered.get(from), ordered.get(to - 1), ordered.get(to))) {
                to++;
            }
            resolveNear(ordered.subList(from, to), refused, found);
            from = to;
        }
        return refused;
    }

    private static boolean near(Reference first, Reference before, Reference next) {
        return next.disk() == first.disk()
                && first.offset() >= 0
                && next.offset() - before.offset() <= QemuStream.PAGE_BYTES + GAP_BYTES
                && next.offset() - first.offset() <= READ_BYTES - QemuStream.PAGE_BYTES;
    }

    private void resolveNear(List<Reference> near, BitSet refused, Found found) throws IOException {
        Reference first = near.get(0);
        long start = first.offset();
        int length = (int) (near.get(near.size() - 1).offset() - start) + QemuStream.PAGE_BYTES;
        boolean read = start >= 0 && read(first.disk(), start, length);
        for (Reference reference : near) {
            int at = (int) (reference.offset() - start);
            if (read && matches(reference, at)) {
                found.page(reference.block(), reference.page(), ByteBuffer.wrap(bytes, at, QemuStream.PAGE_BYTES));
            } else {
                refused.set(reference.index());
            }
        }
    }

    private boolean read(int disk, long offset, int length) {
        try {
            content.read(disk, offset, ByteBuffer.wrap(bytes, 0, length));
            return true;
        } catch (IOException e) {
            // The source sends these pages in full: nothing is lost but time.
            return false;
        }
    }

    private boolean matches(Reference reference, int at) {
        return Arrays.equals(
                hash.of(bytes, at), 0, MemoryFrames.HASH_BYTES, reference.hash(), 0, MemoryFrames.HASH_BYTES);
    }
}
