package io.longhaul.engine.rehearsal;

import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * A memory stream as QEMU would write it for a guest that changes all of its memory all the time: round after round, until
 * it is told that this is the last. Read by one thread; {@link #pause} and {@link #close} by any.
 *
 * <p>Every fourth page holds what a disk holds as well.
 */
final class SampleMemory implements ReadableByteChannel {
    static final int PAGE_BYTES = 4096;
    static final int SECTION = 2;
    static final int PART = 2;
    static final int END = 3;
    static final int FOOTER = 0x7e;
    static final int ZERO = 0x02;
    static final int PAGE = 0x08;
    static final int NO_MORE = 0x10;
    static final int CONTINUE = 0x20;
    static final byte[] BLOCK = "rehearsal".getBytes(StandardCharsets.ISO_8859_1);

    /** What devices would have to say. */
    static final int DEVICES_BYTES = 16 * 1024;

    private static final int PAGES_IN_SECTION = 48;
    private static final int CHUNK_BYTES = PAGES_IN_SECTION * (PAGE_BYTES + 32) + DEVICES_BYTES + 64;

    /** So that a page is not what a disk's block is. */
    private static final int SHIFT_BYTES = 1536;

    private final SampleContent content;
    private final int pages;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    private int nextPage;
    private boolean finished;
    private volatile boolean paused;
    private volatile boolean closed;

    SampleMemory(SampleContent content, int pages) {
        this.content = content;
        this.pages = pages;
        chunk.put(head(pages)).flip();
    }

    /** Everything before the first page. */
    static byte[] head(int pages) {
        byte[] machine = "pc-q35".getBytes(StandardCharsets.ISO_8859_1);
        byte[] ram = "ram".getBytes(StandardCharsets.ISO_8859_1);
        long bytes = (long) pages * PAGE_BYTES;
        ByteBuffer head = ByteBuffer.allocate(256);
        head.putInt(0x5145564d).putInt(3);
        head.put((byte) 7).putInt(machine.length).put(machine);
        head.put((byte) 1)
                .putInt(SECTION)
                .put((byte) ram.length)
                .put(ram)
                .putInt(0)
                .putInt(4);
        head.putLong(bytes | 4)
                .put((byte) BLOCK.length)
                .put(BLOCK)
                .putLong(bytes)
                .putLong(NO_MORE);
        head.put((byte) FOOTER).putInt(SECTION);
        byte[] exact = new byte[head.position()];
        head.flip().get(exact);
        return exact;
    }

    static boolean isZero(int page) {
        return SampleContent.isZero((long) page * PAGE_BYTES);
    }

    /** Where in the content a page that is not zero begins. */
    static long contentOf(int page) {
        long place = (long) page * PAGE_BYTES;
        boolean ofDisk = page % 4 == 0;
        // The last page of a stretch must not reach into the next, which may be zeros.
        return ofDisk ? place : place / (1 << 20) * (1 << 20) + (place + SHIFT_BYTES) % ((1 << 20) - PAGE_BYTES);
    }

    /** The round that is under way is the last but for one, in which the guest does not run. */
    void pause() {
        paused = true;
    }

    @Override
    public int read(ByteBuffer into) {
        if (closed) {
            return -1;
        }
        if (!chunk.hasRemaining()) {
            if (finished) {
                return -1;
            }
            chunk.clear();
            next();
            chunk.flip();
        }
        int count = Math.min(into.remaining(), chunk.remaining());
        into.put(chunk.slice(chunk.position(), count));
        chunk.position(chunk.position() + count);
        return count;
    }

    private void next() {
        if (nextPage == pages && paused) {
            section(END, 0, PAGES_IN_SECTION);
            content.fill(0, chunk.slice(chunk.position(), DEVICES_BYTES));
            chunk.position(chunk.position() + DEVICES_BYTES);
            finished = true;
            return;
        }
        int first = nextPage % pages;
        nextPage = Math.min(pages, first + PAGES_IN_SECTION);
        section(PART, first, nextPage);
    }

    private void section(int type, int first, int end) {
        chunk.put((byte) type).putInt(SECTION);
        for (int page = first; page < end; page++) {
            long address = (long) page * PAGE_BYTES | (isZero(page) ? ZERO : PAGE);
            if (page > first) {
                chunk.putLong(address | CONTINUE);
            } else {
                chunk.putLong(address).put((byte) BLOCK.length).put(BLOCK);
            }
            if (isZero(page)) {
                chunk.put((byte) 0);
            } else {
                content.fill(contentOf(page), chunk.slice(chunk.position(), PAGE_BYTES));
                chunk.position(chunk.position() + PAGE_BYTES);
            }
        }
        chunk.putLong(NO_MORE).put((byte) FOOTER).putInt(SECTION);
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /** The stream ends here, whatever is left. */
    @Override
    public void close() {
        closed = true;
    }
}
