package io.longhaul.engine.memory;

import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is needed to write sections of pages: the section's number, whether sections have footers, the blocks in the order
 * of the stream. Immutable.
 *
 * <pre>
 * +-------------+---------+-----------+   once per block: +------+------+-----------+
 * | section (4) |footers 1| blocks (2)|                   |len 1 | name | pages (8) |
 * +-------------+---------+-----------+                   +------+------+-----------+
 * </pre>
 */
record RamLayout(int section, boolean footers, List<RamBlock> blocks) {
    /** QEMU has some ten blocks; with this many the layout still fits a frame, and page keys have 16 bits for them. */
    static final int BLOCKS_LIMIT = 1024;

    /** 4 PiB: a page's number then fits {@link PageKey}. */
    static final long PAGES_LIMIT = 1L << 40;

    private static final int FIXED_BYTES = 7;
    private static final int FIXED_BLOCK_BYTES = 9;

    RamLayout {
        blocks = List.copyOf(blocks);
    }

    long pages() {
        return blocks.stream().mapToLong(RamBlock::pages).sum();
    }

    ByteBuffer encode() {
        int bytes = FIXED_BYTES
                + blocks.stream()
                        .mapToInt(block -> FIXED_BLOCK_BYTES + block.name().length())
                        .sum();
        ByteBuffer target = ByteBuffer.allocate(bytes);
        target.putInt(section).put((byte) (footers ? 1 : 0)).putShort((short) blocks.size());
        for (RamBlock block : blocks) {
            target.put((byte) block.name().length())
                    .put(block.name().getBytes(StandardCharsets.ISO_8859_1))
                    .putLong(block.pages());
        }
        return target.flip();
    }

    static RamLayout decode(ByteBuffer payload) throws IOException {
        ByteBuffer in = payload.duplicate();
        requireBytes(in, FIXED_BYTES);
        int section = in.getInt();
        boolean footers = in.get() != 0;
        int count = in.getShort() & 0xFFFF;
        if (count > BLOCKS_LIMIT) {
            throw new PeerViolationException("A memory layout of " + count + " blocks", "at most " + BLOCKS_LIMIT);
        }
        List<RamBlock> blocks = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            requireBytes(in, 1);
            int length = in.get() & 0xFF;
            requireBytes(in, length + Long.BYTES);
            byte[] name = new byte[length];
            in.get(name);
            long pages = in.getLong();
            if (pages < 0 || pages > PAGES_LIMIT) {
                throw new PeerViolationException(
                        "A memory layout with a block of " + pages + " pages", "0 to " + PAGES_LIMIT);
            }
            blocks.add(new RamBlock(new String(name, StandardCharsets.ISO_8859_1), pages));
        }
        if (in.hasRemaining()) {
            throw new PeerViolationException(
                    "A memory layout with " + in.remaining() + " bytes too many",
                    "none behind its " + count + " blocks");
        }
        return new RamLayout(section, footers, blocks);
    }

    private static void requireBytes(ByteBuffer in, int bytes) throws IOException {
        if (in.remaining() < bytes) {
            throw new PeerViolationException(
                    "A memory layout that is cut off, " + in.remaining() + " bytes from its end", "at least " + bytes);
        }
    }
}
