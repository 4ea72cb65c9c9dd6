package io.longhaul.engine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The words of QEMU's migration stream, as its {@code migration/savevm.c} and {@code migration/ram.c} write it. All
 * numbers are big-endian.
 *
 * <pre>
 *  'QEVM' (4) version 3 (4)
 *  07 length (4) machine type                            configuration
 *     { 05 length (1) name version (4) ... }*            its subsections
 *  08 command (2) length (2) ...                         at any place between sections
 *  01 section (4) length (1) "ram" instance (4) 4 (4)    START
 *     total bytes | MEM_SIZE (8) { length (1) name bytes (8) }*  EOS (8)
 *     7e section (4)                                     footer, unless the machine type is very old
 *  02 section (4)                                        PART, any number of them
 *     { offset | flags (8) [length (1) name, unless CONTINUE] page or 00 }*  EOS (8)
 *     7e section (4)
 *  03 section (4) as PART                                END
 *  04 ...                                                devices, description, end
 * </pre>
 */
final class QemuStream {
    static final int MAGIC = 0x5145564d;
    static final int VERSION = 3;

    static final int SECTION_START = 0x01;
    static final int SECTION_PART = 0x02;
    static final int SECTION_END = 0x03;
    static final int SUBSECTION = 0x05;
    static final int CONFIGURATION = 0x07;
    static final int COMMAND = 0x08;
    static final int FOOTER = 0x7e;

    static final int COMMAND_OPEN_RETURN_PATH = 1;
    static final int COMMAND_PING = 2;
    static final int COMMAND_POSTCOPY_ADVISE = 3;
    static final int COMMAND_SWITCHOVER_START = 11;

    static final String RAM = "ram";
    static final int RAM_VERSION = 4;

    static final int FLAG_ZERO = 0x02;
    static final int FLAG_MEM_SIZE = 0x04;
    static final int FLAG_PAGE = 0x08;
    static final int FLAG_EOS = 0x10;
    static final int FLAG_CONTINUE = 0x20;

    static final int PAGE_BITS = 12;
    static final int PAGE_BYTES = 1 << PAGE_BITS;

    /** The longest that must lie in one piece to be understood: a page with its block's name. */
    static final int RECORD_BYTES = Long.BYTES + 1 + 255 + PAGE_BYTES;

    static final int SECTION_HEADER_BYTES = 5;
    static final int FOOTER_BYTES = 5;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private QemuStream() {}

    static long longAt(byte[] array, int offset) {
        return (long) LONGS.get(array, offset);
    }

    static int intAt(byte[] array, int offset) {
        return (int) INTS.get(array, offset);
    }

    static int shortAt(byte[] array, int offset) {
        return (array[offset] & 0xFF) << 8 | (array[offset + 1] & 0xFF);
    }
}
