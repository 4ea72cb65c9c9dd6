package io.longhaul.engine.memory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a hypervisor has after loading a stream: applied in order, one byte after the other, by nothing that production code
 * uses. Stops at what it does not know and keeps the rest.
 */
final class StreamImage {
    final Map<String, byte[]> pages = new LinkedHashMap<>();
    final Map<String, Long> blocks = new LinkedHashMap<>();
    final List<String> elements = new ArrayList<>();
    String block = "";
    boolean withinPages;
    byte[] rest = {};

    private final ByteBuffer in;
    private Optional<Integer> ram = Optional.empty();

    private StreamImage(byte[] stream) {
        in = ByteBuffer.wrap(stream);
    }

    static StreamImage of(byte[] stream) {
        StreamImage image = new StreamImage(stream);
        image.load();
        image.rest = new byte[image.in.remaining()];
        image.in.get(image.rest);
        return image;
    }

    private void load() {
        if (in.remaining() < 8 || in.getLong(0) != 0x5145564d_00000003L) {
            return;
        }
        in.getLong();
        boolean more = true;
        while (more && in.hasRemaining()) {
            in.mark();
            int type = in.get();
            more = switch (type) {
                case 7 -> configuration();
                case 8 -> command();
                case 1 -> start();
                case 2, 3 -> part(type);
                default -> false;
            };
            if (!more && !withinPages && type != 3) {
                in.reset();
            }
        }
    }

    private boolean configuration() {
        elements.add("configuration " + text(in.getInt()));
        return true;
    }

    private boolean command() {
        int command = in.getShort();
        if (command > 3 && command != 11) {
            return false;
        }
        elements.add("command " + command + " " + text(in.getShort()));
        return true;
    }

    private boolean start() {
        int section = in.getInt();
        if (!text(in.get()).equals("ram") || ram.isPresent()) {
            return false;
        }
        in.getLong();
        long bytes = in.getLong() & ~0xFFFL;
        while (bytes > 0) {
            String name = text(in.get() & 0xFF);
            long length = in.getLong();
            blocks.put(name, length);
            bytes -= length;
        }
        in.getLong();
        ram = Optional.of(section);
        footer();
        elements.add("memory " + blocks);
        return true;
    }

    private boolean part(int type) {
        if (ram.isEmpty() || in.getInt() != ram.get()) {
            return false;
        }
        withinPages = true;
        while (true) {
            in.mark();
            long header = in.getLong();
            int flags = (int) header & 0xFFF;
            if (flags == 0x10) {
                withinPages = false;
                footer();
                if (type == 3) {
                    elements.add("end");
                    return false;
                }
                return true;
            }
            if ((flags & ~0x20) != 0x08 && (flags & ~0x20) != 0x02) {
                in.reset();
                return false;
            }
            if ((flags & 0x20) == 0) {
                block = text(in.get() & 0xFF);
            }
            if (!blocks.containsKey(block)) {
                throw new AssertionError("a page of the unknown block '" + block + "'");
            }
            byte[] page = new byte[4096];
            if ((flags & 0x08) != 0) {
                in.get(page);
            } else {
                in.get();
            }
            pages.put(block + " " + (header >>> 12), page);
        }
    }

    private void footer() {
        if (in.hasRemaining() && in.get(in.position()) == 0x7e) {
            in.get();
            in.getInt();
        }
    }

    private String text(int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
