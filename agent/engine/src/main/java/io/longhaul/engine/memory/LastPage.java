package io.longhaul.engine.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The page that the hypervisor wrote last, to be repeated where the stream becomes opaque: it brings the far side to the
 * same block and, within a section, to the same place. Its content is always that page's newest version. Owned by the
 * reader's thread.
 */
final class LastPage {
    static final int ZERO = -1;

    private static final int KEPT = -2;

    private final byte[] kept = new byte[QemuStream.PAGE_BYTES];
    private byte[] blockName = {};
    private boolean known;
    private long page;
    private int place;

    /** @param at where the content lies in the reader's buffer, or {@link #ZERO} */
    void saw(byte[] name, long number, int at) {
        blockName = name;
        page = number;
        place = at;
        known = true;
    }

    /** Copies the content before the buffer's bytes move. */
    void keep(byte[] buffer) {
        if (known && place >= 0) {
            System.arraycopy(buffer, place, kept, 0, kept.length);
            place = KEPT;
        }
    }

    boolean isKnown() {
        return known;
    }

    /** A section that has begun, with the last page in it. */
    byte[] openSection(int type, int section) {
        ByteBuffer bytes = buffer();
        bytes.put((byte) type).putInt(section);
        putPage(bytes);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** A section with nothing but the last page. */
    byte[] wholeSection(int section, boolean footers) {
        ByteBuffer bytes = buffer();
        bytes.put((byte) QemuStream.SECTION_PART).putInt(section);
        putPage(bytes);
        putEnd(bytes, section, footers);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    static byte[] emptySection(int type, int section, boolean footers) {
        ByteBuffer bytes = buffer();
        bytes.put((byte) type).putInt(section);
        putEnd(bytes, section, footers);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(
                QemuStream.SECTION_HEADER_BYTES + QemuStream.RECORD_BYTES + Long.BYTES + QemuStream.FOOTER_BYTES);
    }

    private void putPage(ByteBuffer bytes) {
        if (!known) {
            return;
        }
        boolean zero = place == ZERO;
        bytes.putLong(page << QemuStream.PAGE_BITS | (zero ? QemuStream.FLAG_ZERO : QemuStream.FLAG_PAGE))
                .put((byte) blockName.length)
                .put(blockName);
        if (zero) {
            bytes.put((byte) 0);
        } else {
            bytes.put(kept);
        }
    }

    private static void putEnd(ByteBuffer bytes, int section, boolean footers) {
        bytes.putLong(QemuStream.FLAG_EOS);
        if (footers) {
            bytes.put((byte) QemuStream.FOOTER).putInt(section);
        }
    }
}
