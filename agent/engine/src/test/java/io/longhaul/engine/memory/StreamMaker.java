package io.longhaul.engine.memory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** Streams as QEMU writes them, and odd ones, from a seed. */
final class StreamMaker {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Random random;
    private final boolean footers;
    private final List<RamBlock> blocks = new ArrayList<>();
    private final List<byte[]> contents;
    private int block = -1;

    /** @param contents what pages are often filled with */
    StreamMaker(Random random, List<byte[]> contents) {
        this.random = random;
        this.contents = contents;
        this.footers = random.nextInt(8) > 0;
    }

    /** A whole migration, with something unknown in it now and then. */
    byte[] migration() {
        header();
        if (random.nextBoolean()) {
            command(1, 0);
            command(2, 4);
        }
        start();
        List<Long> hot = pick(random.nextInt(60));
        int rounds = 1 + random.nextInt(9);
        for (int round = 0; round < rounds; round++) {
            TreeSet<Long> pages = new TreeSet<>(random.nextInt(4) == 0 ? List.of() : hot);
            pages.addAll(pick(random.nextInt(80)));
            parts(inOrder(pages));
            if (random.nextInt(40) == 0) {
                foreign();
            }
        }
        if (random.nextBoolean()) {
            command(11, 0);
        }
        section(3);
        inOrder(new TreeSet<>(pick(random.nextInt(40)))).forEach(this::page);
        eos();
        device();
        return bytes.toByteArray();
    }

    /** The same pages of one block in each round, never zero. */
    static byte[] sweeps(Random random, int blockPages, List<Long> pages, int rounds) {
        byte[] content = new byte[4096];
        random.nextBytes(content);
        StreamMaker maker = new StreamMaker(random, List.of(content));
        maker.header();
        maker.start(List.of(new RamBlock("pc.ram", blockPages)));
        for (int round = 0; round < rounds; round++) {
            maker.section(2);
            pages.forEach(key -> maker.page(key, content));
            maker.eos();
        }
        maker.section(3);
        maker.eos();
        maker.device();
        return maker.bytes.toByteArray();
    }

    private void header() {
        putInt(0x5145564d);
        putInt(3);
        bytes.write(7);
        putInt(6);
        put("pc-q35");
    }

    void command(int command, int length) {
        bytes.write(8);
        putShort(command);
        putShort(length);
        bytes.writeBytes(new byte[length]);
    }

    private void start() {
        int count = 1 + random.nextInt(4);
        List<RamBlock> made = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            made.add(new RamBlock("block" + index, 1 + random.nextInt(300)));
        }
        start(made);
    }

    private void start(List<RamBlock> made) {
        blocks.addAll(made);
        bytes.write(1);
        putInt(9);
        bytes.write(3);
        put("ram");
        putInt(0);
        putInt(4);
        putLong(made.stream().mapToLong(RamBlock::pages).sum() * 4096 | 4);
        for (RamBlock one : made) {
            bytes.write(one.name().length());
            put(one.name());
            putLong(one.pages() * 4096);
        }
        eos();
    }

    private List<Long> pick(int count) {
        List<Long> picked = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            int number = random.nextInt(blocks.size());
            picked.add(
                    PageKey.of(number, random.nextInt((int) blocks.get(number).pages())));
        }
        return picked;
    }

    /** From somewhere on, around the end, and up to there; rarely in no order at all. */
    private List<Long> inOrder(TreeSet<Long> pages) {
        List<Long> ordered = new ArrayList<>(pages);
        if (ordered.isEmpty()) {
            return ordered;
        }
        if (random.nextInt(10) == 0) {
            java.util.Collections.shuffle(ordered, random);
        } else {
            java.util.Collections.rotate(ordered, random.nextInt(ordered.size()));
        }
        return ordered;
    }

    private void parts(List<Long> pages) {
        section(2);
        for (long key : pages) {
            if (random.nextInt(30) == 0) {
                eos();
                if (random.nextInt(10) == 0) {
                    command(2, 4);
                }
                section(2);
            }
            page(key);
        }
        eos();
    }

    private void page(long key) {
        page(key, random.nextInt(5) == 0 ? new byte[0] : content());
    }

    /** @param content empty for a page that QEMU says is zero */
    private void page(long key, byte[] content) {
        int number = PageKey.block(key);
        long header = PageKey.page(key) << 12;
        boolean zero = content.length == 0;
        boolean same = number == block && random.nextInt(10) > 0;
        putLong(header | (zero ? 2 : 8) | (same ? 0x20 : 0));
        if (!same) {
            bytes.write(blocks.get(number).name().length());
            put(blocks.get(number).name());
            block = number;
        }
        if (zero) {
            bytes.write(0);
        } else {
            bytes.writeBytes(content);
        }
    }

    private byte[] content() {
        int which = random.nextInt(contents.size() * 2);
        if (which < contents.size()) {
            return contents.get(which);
        }
        byte[] content = new byte[4096];
        if (which % 7 > 0) {
            random.nextBytes(content);
        }
        return content;
    }

    /** Something that the reader must not touch, with pages behind it that say CONTINUE. */
    private void foreign() {
        if (random.nextBoolean()) {
            section(2);
            putLong(0x200);
            if (block >= 0) {
                putLong(0x28);
                bytes.writeBytes(content());
            }
            eos();
        } else {
            bytes.write(1);
            putInt(77);
            bytes.write(5);
            put("other");
            putLong(random.nextLong());
        }
    }

    void section(int type) {
        bytes.write(type);
        putInt(9);
    }

    private void eos() {
        putLong(0x10);
        if (footers) {
            bytes.write(0x7e);
            putInt(9);
        }
    }

    private void device() {
        byte[] state = new byte[random.nextInt(200_000)];
        random.nextBytes(state);
        bytes.write(4);
        bytes.writeBytes(state);
    }

    private void put(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void putShort(int value) {
        bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) value).array());
    }

    private void putInt(int value) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    }

    private void putLong(long value) {
        bytes.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
    }
}
