package io.longhaul.engine.memory;

import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Writes pages as sections of QEMU's stream. Owned by the receiver's thread. Between {@link #begin} and {@link #end} lies
 * one PART; it names the block whenever it changes, so it needs to know nothing of what was written before.
 */
final class SectionWriter {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final RamLayout layout;
    private final WritableByteChannel memory;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private int block = -1;

    SectionWriter(RamLayout layout, WritableByteChannel memory) {
        this.layout = layout;
        this.memory = memory;
    }

    void begin() throws IOException {
        ensure(QemuStream.SECTION_HEADER_BYTES);
        buffer.put((byte) QemuStream.SECTION_PART).putInt(layout.section());
        block = -1;
    }

    void end() throws IOException {
        ensure(Long.BYTES + QemuStream.FOOTER_BYTES);
        buffer.putLong(QemuStream.FLAG_EOS);
        if (layout.footers()) {
            buffer.put((byte) QemuStream.FOOTER).putInt(layout.section());
        }
        flush();
    }

    /** Throws where the far side announced no such pages. */
    void require(int number, long first, long count) throws IOException {
        boolean known = number < layout.blocks().size();
        if (!known
                || first < 0
                || count < 0
                || first > layout.blocks().get(number).pages() - count) {
            throw new PeerViolationException(
                    "Pages " + first + " and " + count + " more of block " + number
                            + ", which are not in the memory that was announced",
                    known
                            ? "pages below " + layout.blocks().get(number).pages()
                            : "blocks below " + layout.blocks().size());
        }
    }

    void zeroPage(int number, long page) throws IOException {
        header(number, page, QemuStream.FLAG_ZERO);
        buffer.put((byte) 0);
    }

    /** Takes the page at the source's position. */
    void page(int number, long page, ByteBuffer source) throws IOException {
        header(number, page, QemuStream.FLAG_PAGE);
        buffer.put(buffer.position(), source, source.position(), QemuStream.PAGE_BYTES);
        buffer.position(buffer.position() + QemuStream.PAGE_BYTES);
        source.position(source.position() + QemuStream.PAGE_BYTES);
    }

    private void header(int number, long page, int flag) throws IOException {
        ensure(QemuStream.RECORD_BYTES);
        long address = page << QemuStream.PAGE_BITS | flag;
        if (number == block) {
            buffer.putLong(address | QemuStream.FLAG_CONTINUE);
            return;
        }
        byte[] name = layout.blocks().get(number).name().getBytes(StandardCharsets.ISO_8859_1);
        buffer.putLong(address).put((byte) name.length).put(name);
        block = number;
    }

    private void ensure(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            memory.write(buffer);
        }
        buffer.clear();
    }
}
