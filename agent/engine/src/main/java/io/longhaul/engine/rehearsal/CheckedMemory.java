package io.longhaul.engine.rehearsal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.BitSet;

/**
 * Stands for the QEMU that waits for {@link SampleMemory}: reads the stream that it is given, compares every page, and
 * forgets it. Owned by the receiver's thread; what it has found out is read after that has ended.
 */
final class CheckedMemory implements WritableByteChannel {
    /** A record that is cut off, and as much as is written at once. */
    private static final int BUFFER_BYTES = 320 * 1024;

    private static final int SECTION_HEADER_BYTES = 5;

    private final SampleContent content;
    private final byte[] head;
    private final int pages;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final BitSet seen = new BitSet();
    private State state = State.HEAD;
    private int sectionType;
    private boolean named;
    private volatile boolean closed;

    private enum State {
        HEAD,
        BETWEEN_SECTIONS,
        PAGES,
        DEVICES,
        ENDED
    }

    CheckedMemory(SampleContent content, int pages) {
        this.content = content;
        this.pages = pages;
        this.head = SampleMemory.head(pages);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = Math.min(source.remaining(), buffer.remaining());
        buffer.put(source.slice(source.position(), count));
        source.position(source.position() + count);
        buffer.flip();
        boolean more = true;
        while (more) {
            more = switch (state) {
                case HEAD -> readHead();
                case BETWEEN_SECTIONS -> readSectionHeader();
                case PAGES -> readPage();
                case DEVICES -> readDevices();
                case ENDED -> requireNothing();
            };
        }
        buffer.compact();
        return count;
    }

    private boolean readHead() throws IOException {
        if (buffer.remaining() < head.length) {
            return false;
        }
        require(buffer.slice(buffer.position(), head.length).equals(ByteBuffer.wrap(head)), "another head");
        skip(head.length);
        state = State.BETWEEN_SECTIONS;
        return true;
    }

    private boolean readSectionHeader() throws IOException {
        if (buffer.remaining() < SECTION_HEADER_BYTES) {
            return false;
        }
        sectionType = buffer.get();
        int section = buffer.getInt();
        boolean known = sectionType == SampleMemory.PART || sectionType == SampleMemory.END;
        require(known && section == SampleMemory.SECTION, "an element of type " + sectionType);
        named = false;
        state = State.PAGES;
        return true;
    }

    private boolean readPage() throws IOException {
        // The end of a section is shorter than a page's record, and nothing shorter follows it before its footer.
        int shortest = Long.BYTES + SECTION_HEADER_BYTES;
        if (buffer.remaining() < shortest) {
            return false;
        }
        int start = buffer.position();
        long header = buffer.getLong();
        if (header == SampleMemory.NO_MORE) {
            require(buffer.get() == SampleMemory.FOOTER && buffer.getInt() == SampleMemory.SECTION, "another footer");
            state = sectionType == SampleMemory.END ? State.DEVICES : State.BETWEEN_SECTIONS;
            return true;
        }
        if (!readContent(header)) {
            buffer.position(start);
            return false;
        }
        return true;
    }

    /** False where not all of it is here. */
    private boolean readContent(long header) throws IOException {
        int page = (int) (header / SampleMemory.PAGE_BYTES);
        int flags = (int) (header % SampleMemory.PAGE_BYTES);
        int nameBytes = (flags & SampleMemory.CONTINUE) == 0 ? 1 + SampleMemory.BLOCK.length : 0;
        boolean zero = (flags & SampleMemory.ZERO) != 0;
        int bodyBytes = zero ? 1 : SampleMemory.PAGE_BYTES;
        if (buffer.remaining() < nameBytes + bodyBytes) {
            return false;
        }
        require(named || nameBytes > 0, "a page of no block");
        require(page < pages && zero == SampleMemory.isZero(page), "page " + page + " with flags " + flags);
        named = true;
        skip(nameBytes);
        ByteBuffer body = buffer.slice(buffer.position(), bodyBytes);
        require(zero || content.matches(SampleMemory.contentOf(page), body), "page " + page + " with other bytes");
        skip(bodyBytes);
        seen.set(page);
        return true;
    }

    private boolean readDevices() throws IOException {
        if (buffer.remaining() < SampleMemory.DEVICES_BYTES) {
            return false;
        }
        require(content.matches(0, buffer.slice(buffer.position(), SampleMemory.DEVICES_BYTES)), "other devices");
        skip(SampleMemory.DEVICES_BYTES);
        state = State.ENDED;
        return true;
    }

    private boolean requireNothing() throws IOException {
        require(!buffer.hasRemaining(), "more than its end");
        return false;
    }

    /** Throws where the stream was not whole. */
    void requireWhole() throws IOException {
        require(state == State.ENDED && closed, "no end, but " + state);
        require(seen.cardinality() == pages, seen.cardinality() + " pages of " + pages);
    }

    private void skip(int bytes) {
        buffer.position(buffer.position() + bytes);
    }

    private static void require(boolean met, String found) throws IOException {
        if (!met) {
            throw new IOException("the memory stream arrived with " + found);
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
