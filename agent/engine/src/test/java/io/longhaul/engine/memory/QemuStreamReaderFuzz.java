package io.longhaul.engine.memory;

import io.longhaul.engine.transport.LinkException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * What a hypervisor may write: pages of blocks that it announced, and bytes that are passed on. Never a failure. The first
 * byte says in which pieces the rest comes.
 */
public final class QemuStreamReaderFuzz {
    private static final int PIECE_BYTES = 64;

    private QemuStreamReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        Seen seen = new Seen(input.length - 1);
        QemuStreamReader reader = new QemuStreamReader(seen);
        ByteBuffer stream = ByteBuffer.wrap(input, 1, input.length - 1);
        int piece = (input[0] & 0xFF) * PIECE_BYTES + 1;
        try {
            while (stream.hasRemaining()) {
                int count = Math.min(piece, stream.remaining());
                reader.feed(stream.slice(stream.position(), count));
                stream.position(stream.position() + count);
            }
            reader.end();
        } catch (LinkException | InterruptedException e) {
            throw new AssertionError("nothing here fails or waits", e);
        }
    }

    /** Demands of each event what its consumer relies on. */
    private static final class Seen implements StreamEvents {
        /** What is repeated where a fallback begins is a page with its header and its block's name. */
        private static final int REPEATED_BYTES = QemuStream.PAGE_BYTES + 8 + 1 + 255;

        private final long mostBytes;
        private long bytes;
        private boolean laidOut;
        private boolean fellBack;

        Seen(long streamBytes) {
            this.mostBytes = streamBytes + REPEATED_BYTES;
        }

        @Override
        public void opaque(byte[] array, int offset, int length) {
            if (offset < 0 || length < 0 || offset + length > array.length) {
                throw new AssertionError("no such bytes: " + offset + "+" + length);
            }
            add(length);
        }

        @Override
        public void layout(RamLayout layout) {
            if (laidOut) {
                throw new AssertionError("a second layout");
            }
            laidOut = true;
        }

        @Override
        public void page(int block, long page, byte[] array, int offset) {
            zeroPage(block, page);
            if (offset < 0 || offset + QemuStream.PAGE_BYTES > array.length) {
                throw new AssertionError("no such page: " + offset);
            }
            add(QemuStream.PAGE_BYTES);
        }

        @Override
        public void zeroPage(int block, long page) {
            if (!laidOut || fellBack || block < 0 || page < 0) {
                throw new AssertionError("page " + page + " of block " + block + " is none");
            }
        }

        @Override
        public void paused() {}

        @Override
        public void pagesEnded() {}

        @Override
        public void cut() {}

        @Override
        public void fallback(String reason) {
            if (fellBack) {
                throw new AssertionError("a second fallback: " + reason);
            }
            fellBack = true;
        }

        private void add(int count) {
            bytes += count;
            if (bytes > mostBytes) {
                throw new AssertionError(bytes + " bytes out of a stream with room for " + mostBytes);
            }
        }
    }

    public static List<byte[]> seeds() {
        byte[] content = new byte[QemuStream.PAGE_BYTES];
        new Random(1).nextBytes(content);
        return List.of(seed(1, new Random(1), content), seed(200, new Random(2), content));
    }

    private static byte[] seed(int piece, Random random, byte[] content) {
        byte[] stream = new StreamMaker(random, List.of(content)).migration();
        return ByteBuffer.allocate(1 + stream.length)
                .put((byte) piece)
                .put(stream)
                .array();
    }
}
