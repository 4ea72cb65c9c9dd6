package io.longhaul.engine.memory;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Understands QEMU's stream (see {@link QemuStream}) at page level as it comes. Owned by one thread.
 *
 * <p>Whatever it does not know for certain (another version, section, flag or command, a block or page that was not
 * announced) makes everything from there on opaque. It never throws for what it reads and holds no more than its buffer.
 * Pages that QEMU writes after such a place may say CONTINUE, which means the block of the page before; so the last page
 * is repeated in front of the place, where nothing else can stand between.
 */
final class QemuStreamReader {
    /** What a unix socket gives at once (208 KiB), with the piece of a record that is left from before. */
    private static final int BUFFER_BYTES = 256 * 1024;

    private final StreamEvents events;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteBuffer window = ByteBuffer.wrap(buffer);
    private int start;
    private int end;
    private long consumedBytes;
    private State state = State.FILE_HEADER;

    private final List<RamBlock> blocks = new ArrayList<>();
    private byte[][] names = {};
    private long[] sizes = {};
    private long announcedBytes;
    private int section;
    private boolean footers;
    private int sectionType;
    private int block = -1;

    private final LastPage lastPage = new LastPage();

    private enum State {
        FILE_HEADER,
        BETWEEN_SECTIONS,
        SUBSECTIONS,
        RAM_SIZE,
        RAM_BLOCKS,
        RAM_FOOTER,
        PAGES,
        PAGES_FOOTER,
        OPAQUE
    }

    QemuStreamReader(StreamEvents events) {
        this.events = events;
    }

    /** Reads once, and understands as much as there is. False at the channel's end. */
    boolean readFrom(ReadableByteChannel channel) throws IOException, LinkException, InterruptedException {
        makeRoom();
        window.limit(buffer.length).position(end);
        int count = channel.read(window);
        if (count < 0) {
            return false;
        }
        end += count;
        understand();
        return true;
    }

    /** Takes all of the bytes. */
    void feed(ByteBuffer bytes) throws LinkException, InterruptedException {
        while (bytes.hasRemaining()) {
            makeRoom();
            int count = Math.min(bytes.remaining(), buffer.length - end);
            bytes.get(buffer, end, count);
            end += count;
            understand();
        }
    }

    /** No more will come: what was not understood so far is passed on as it is. */
    void end() throws LinkException, InterruptedException {
        if (state != State.OPAQUE) {
            events.cut();
            passOnRest();
        }
        understand();
    }

    /** Bytes of the stream that were understood or passed on. */
    long consumedBytes() {
        return consumedBytes;
    }

    private void makeRoom() {
        if (start == 0) {
            return;
        }
        lastPage.keep(buffer);
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
    }

    private void understand() throws LinkException, InterruptedException {
        boolean more = true;
        while (more) {
            more = switch (state) {
                case FILE_HEADER -> fileHeader();
                case BETWEEN_SECTIONS -> betweenSections();
                case SUBSECTIONS -> subsection();
                case RAM_SIZE -> ramSize();
                case RAM_BLOCKS -> ramBlock();
                case RAM_FOOTER -> ramFooter();
                case PAGES -> page();
                case PAGES_FOOTER -> pagesFooter();
                case OPAQUE -> passOn(end - start);
            };
        }
    }

    private boolean has(int bytes) {
        return end - start >= bytes;
    }

    private int byteAt(int offset) {
        return buffer[start + offset] & 0xFF;
    }

    /** As it is, in its place. Says whether there was anything. */
    private boolean passOn(int bytes) throws LinkException, InterruptedException {
        if (bytes == 0) {
            return false;
        }
        events.opaque(buffer, start, bytes);
        skip(bytes);
        return true;
    }

    private void skip(int bytes) {
        start += bytes;
        consumedBytes += bytes;
    }

    private boolean fallBack(String reason) throws LinkException, InterruptedException {
        events.fallback(reason + ", at byte " + consumedBytes);
        passOnRest();
        return true;
    }

    private void passOnRest() throws LinkException, InterruptedException {
        boolean withinPages = state == State.PAGES;
        lastPage.keep(buffer);
        if (withinPages || lastPage.isKnown()) {
            byte[] bytes =
                    withinPages ? lastPage.openSection(sectionType, section) : lastPage.wholeSection(section, footers);
            events.opaque(bytes, 0, bytes.length);
        }
        state = State.OPAQUE;
    }

    private boolean fileHeader() throws LinkException, InterruptedException {
        if (!has(Long.BYTES)) {
            return false;
        }
        int magic = QemuStream.intAt(buffer, start);
        int version = QemuStream.intAt(buffer, start + Integer.BYTES);
        if (magic != QemuStream.MAGIC || version != QemuStream.VERSION) {
            return fallBack(String.format("not QEMU's stream of version 3 but %08x, version %d", magic, version));
        }
        state = State.BETWEEN_SECTIONS;
        return passOn(Long.BYTES);
    }

    private boolean betweenSections() throws LinkException, InterruptedException {
        if (!has(1)) {
            return false;
        }
        int type = byteAt(0);
        return switch (type) {
            case QemuStream.CONFIGURATION -> configuration();
            case QemuStream.COMMAND -> command();
            case QemuStream.SECTION_START -> sectionStart();
            case QemuStream.SECTION_PART, QemuStream.SECTION_END -> pagesStart(type);
            default -> fallBack("an element of type " + type + " before the memory's end");
        };
    }

    private boolean configuration() throws LinkException, InterruptedException {
        int fixed = 1 + Integer.BYTES;
        if (!has(fixed)) {
            return false;
        }
        int length = QemuStream.intAt(buffer, start + 1);
        if (length < 0 || length > 255) {
            return fallBack("a machine type's name of " + length + " bytes");
        }
        if (!has(fixed + length)) {
            return false;
        }
        state = State.SUBSECTIONS;
        return passOn(fixed + length);
    }

    private boolean subsection() throws LinkException, InterruptedException {
        if (!has(2)) {
            // The start of a section has more than two bytes as well.
            return false;
        }
        if (byteAt(0) != QemuStream.SUBSECTION) {
            state = State.BETWEEN_SECTIONS;
            return true;
        }
        int fixed = 2 + byteAt(1) + Integer.BYTES;
        if (!has(fixed + Integer.BYTES)) {
            return false;
        }
        String name = text(start + 2, byteAt(1));
        return switch (name) {
            case "configuration/uuid" -> has(fixed + 16) && passOn(fixed + 16);
            case "configuration/target-page-bits" ->
                QemuStream.intAt(buffer, start + fixed) == QemuStream.PAGE_BITS
                        ? passOn(fixed + Integer.BYTES)
                        : fallBack("pages of another size");
            case "configuration/capabilities" -> capabilities(fixed);
            default -> fallBack("an unknown part of the configuration");
        };
    }

    /** Those that are listed change what blocks and pages look like. */
    private boolean capabilities(int fixed) throws LinkException, InterruptedException {
        int count = QemuStream.intAt(buffer, start + fixed);
        if (count != 0) {
            return fallBack("capabilities of which the layout of memory depends");
        }
        return passOn(fixed + Integer.BYTES);
    }

    private boolean command() throws LinkException, InterruptedException {
        int fixed = 1 + 2 * Short.BYTES;
        if (!has(fixed)) {
            return false;
        }
        int command = QemuStream.shortAt(buffer, start + 1);
        int length = QemuStream.shortAt(buffer, start + 1 + Short.BYTES);
        boolean known = switch (command) {
            case QemuStream.COMMAND_OPEN_RETURN_PATH, QemuStream.COMMAND_SWITCHOVER_START -> length == 0;
            case QemuStream.COMMAND_PING -> length == Integer.BYTES;
            case QemuStream.COMMAND_POSTCOPY_ADVISE -> length == 0 || length == 2 * Long.BYTES;
            default -> false;
        };
        if (!known) {
            return fallBack("command " + command + " of " + length + " bytes");
        }
        if (!has(fixed + length)) {
            return false;
        }
        if (command == QemuStream.COMMAND_POSTCOPY_ADVISE
                && length > 0
                && QemuStream.longAt(buffer, start + fixed) != QemuStream.PAGE_BYTES) {
            return fallBack("post-copy with pages of another size");
        }
        if (command == QemuStream.COMMAND_SWITCHOVER_START) {
            events.paused();
        }
        return passOn(fixed + length);
    }

    private boolean sectionStart() throws LinkException, InterruptedException {
        int nameAt = 1 + Integer.BYTES + 1;
        if (!has(nameAt)) {
            return false;
        }
        int length = byteAt(nameAt - 1);
        int bytes = nameAt + length + 2 * Integer.BYTES;
        if (!has(bytes)) {
            return false;
        }
        String name = text(start + nameAt, length);
        int version = QemuStream.intAt(buffer, start + bytes - Integer.BYTES);
        if (!name.equals(QemuStream.RAM) || version != QemuStream.RAM_VERSION || !blocks.isEmpty()) {
            return fallBack("section '" + printable(name) + "' of version " + version);
        }
        section = QemuStream.intAt(buffer, start + 1);
        state = State.RAM_SIZE;
        return passOn(bytes);
    }

    private boolean ramSize() throws LinkException, InterruptedException {
        if (!has(Long.BYTES)) {
            return false;
        }
        long header = QemuStream.longAt(buffer, start);
        long bytes = header & -QemuStream.PAGE_BYTES;
        if ((header & (QemuStream.PAGE_BYTES - 1)) != QemuStream.FLAG_MEM_SIZE || bytes <= 0) {
            return fallBack("a list of blocks that starts with " + Long.toHexString(header));
        }
        announcedBytes = bytes;
        state = State.RAM_BLOCKS;
        return passOn(Long.BYTES);
    }

    private boolean ramBlock() throws LinkException, InterruptedException {
        if (announcedBytes == 0) {
            return ramBlocksEnd();
        }
        if (!has(1) || !has(1 + byteAt(0) + Long.BYTES)) {
            return false;
        }
        int length = byteAt(0);
        long bytes = QemuStream.longAt(buffer, start + 1 + length);
        boolean fits = bytes > 0 && bytes % QemuStream.PAGE_BYTES == 0 && bytes <= announcedBytes;
        if (!fits || blocks.size() == RamLayout.BLOCKS_LIMIT) {
            return fallBack("block " + blocks.size() + " of " + bytes + " bytes");
        }
        blocks.add(new RamBlock(text(start + 1, length), bytes >>> QemuStream.PAGE_BITS));
        announcedBytes -= bytes;
        return passOn(1 + length + Long.BYTES);
    }

    private boolean ramBlocksEnd() throws LinkException, InterruptedException {
        if (!has(Long.BYTES)) {
            return false;
        }
        long header = QemuStream.longAt(buffer, start);
        if (header != QemuStream.FLAG_EOS) {
            return fallBack("after the list of blocks " + Long.toHexString(header));
        }
        names = blocks.stream()
                .map(known -> known.name().getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
        sizes = blocks.stream().mapToLong(RamBlock::pages).toArray();
        state = State.RAM_FOOTER;
        return passOn(Long.BYTES);
    }

    private boolean ramFooter() throws LinkException, InterruptedException {
        if (!has(1)) {
            return false;
        }
        if (byteAt(0) == QemuStream.FOOTER) {
            if (!has(QemuStream.FOOTER_BYTES)) {
                return false;
            }
            footers = true;
            passOn(QemuStream.FOOTER_BYTES);
        }
        state = State.BETWEEN_SECTIONS;
        events.layout(new RamLayout(section, footers, blocks));
        return true;
    }

    private boolean pagesStart(int type) throws LinkException, InterruptedException {
        if (!has(QemuStream.SECTION_HEADER_BYTES)) {
            return false;
        }
        int number = QemuStream.intAt(buffer, start + 1);
        if (sizes.length == 0 || number != section) {
            return fallBack("a part of section " + number);
        }
        if (type == QemuStream.SECTION_END) {
            events.paused();
        }
        sectionType = type;
        skip(QemuStream.SECTION_HEADER_BYTES);
        state = State.PAGES;
        return true;
    }

    private boolean page() throws LinkException, InterruptedException {
        if (!has(Long.BYTES)) {
            return false;
        }
        long header = QemuStream.longAt(buffer, start);
        if (header == QemuStream.FLAG_EOS) {
            skip(Long.BYTES);
            state = State.PAGES_FOOTER;
            return true;
        }
        int flags = (int) header & (QemuStream.PAGE_BYTES - 1);
        int kind = flags & ~QemuStream.FLAG_CONTINUE;
        if (kind != QemuStream.FLAG_PAGE && kind != QemuStream.FLAG_ZERO) {
            return fallBack("a page's flags of " + Integer.toHexString(flags));
        }
        int bodyAt = Long.BYTES;
        int found = block;
        if (kind == flags) {
            if (!has(bodyAt + 1) || !has(bodyAt + 1 + byteAt(bodyAt))) {
                return false;
            }
            int length = byteAt(bodyAt);
            found = blockNamed(start + bodyAt + 1, length);
            bodyAt += 1 + length;
        }
        long page = header >>> QemuStream.PAGE_BITS;
        if (found < 0 || page >= sizes[found]) {
            return fallBack("a page of no block that was announced");
        }
        return body(kind, found, page, bodyAt);
    }

    private boolean body(int kind, int found, long page, int bodyAt) throws LinkException, InterruptedException {
        boolean zero = kind == QemuStream.FLAG_ZERO;
        int bytes = bodyAt + (zero ? 1 : QemuStream.PAGE_BYTES);
        if (!has(bytes)) {
            return false;
        }
        int bodyStart = start + bodyAt;
        if (zero && buffer[bodyStart] != 0) {
            return fallBack("a page filled with " + buffer[bodyStart]);
        }
        block = found;
        lastPage.saw(names[found], page, zero ? LastPage.ZERO : bodyStart);
        skip(bytes);
        if (zero) {
            events.zeroPage(found, page);
        } else {
            events.page(found, page, buffer, bodyStart);
        }
        return true;
    }

    private int blockNamed(int offset, int length) {
        if (block >= 0 && isName(block, offset, length)) {
            return block;
        }
        for (int index = 0; index < names.length; index++) {
            if (isName(index, offset, length)) {
                return index;
            }
        }
        return -1;
    }

    private boolean isName(int index, int offset, int length) {
        return Arrays.equals(names[index], 0, names[index].length, buffer, offset, offset + length);
    }

    private boolean pagesFooter() throws LinkException, InterruptedException {
        if (footers) {
            if (!has(QemuStream.FOOTER_BYTES)) {
                return false;
            }
            if (byteAt(0) != QemuStream.FOOTER || QemuStream.intAt(buffer, start + 1) != section) {
                return badFooter();
            }
            skip(QemuStream.FOOTER_BYTES);
        }
        if (sectionType == QemuStream.SECTION_PART) {
            state = State.BETWEEN_SECTIONS;
            return true;
        }
        events.pagesEnded();
        byte[] bytes = LastPage.emptySection(sectionType, section, footers);
        events.opaque(bytes, 0, bytes.length);
        state = State.OPAQUE;
        return true;
    }

    /** Puts back what ended the section, so that the far side stumbles over the same bytes. */
    private boolean badFooter() throws LinkException, InterruptedException {
        events.fallback("a wrong footer, at byte " + consumedBytes);
        byte[] bytes = LastPage.emptySection(sectionType, section, footers);
        events.opaque(bytes, 0, bytes.length - QemuStream.FOOTER_BYTES);
        state = State.OPAQUE;
        return true;
    }

    private String text(int offset, int length) {
        return new String(buffer, offset, length, StandardCharsets.ISO_8859_1);
    }

    private static String printable(String name) {
        return name.replaceAll("[^ -~]", "?");
    }
}
