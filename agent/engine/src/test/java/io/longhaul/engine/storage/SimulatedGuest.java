package io.longhaul.engine.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A guest that writes, zeroes and discards; its mirrors hear of it somewhat later. Owned by the simulation. */
final class SimulatedGuest {
    /** Drawn once: drawing bytes for every write took most of the time. */
    private static final byte[] NOISE = new byte[4 << 20];

    static {
        new Random(0).nextBytes(NOISE);
    }

    private final Random random;
    private final Runnable world;
    private final List<SimulatedDisk> disks = new ArrayList<>();
    private final List<DiskSender> mirrors = new ArrayList<>();
    private final int hotPercent;
    private boolean running = true;
    private boolean inMirror;

    SimulatedGuest(Random random, Runnable world) {
        this.random = random;
        this.world = world;
        this.hotPercent = random.nextInt(100_000);
    }

    void attach(SimulatedDisk disk) {
        disks.add(disk);
    }

    SimulatedDisk disk(int index) {
        return disks.get(index);
    }

    void mirrorTo(int index, DiskSender sender) {
        mirrors.add(index, sender);
    }

    void endMirrors() {
        mirrors.clear();
    }

    void pause() {
        running = false;
    }

    boolean runs() {
        return running;
    }

    void fill(SimulatedDisk disk) {
        int size = disk.content.length;
        for (int from = 0; from < size; ) {
            int to = Math.min(size, from + 1 + random.nextInt(300_000));
            if (random.nextInt(3) > 0) {
                System.arraycopy(NOISE, random.nextInt(1 << 20), disk.content, from, to - from);
            }
            from = to;
        }
    }

    void act() {
        if (!running || inMirror) {
            return;
        }
        inMirror = true;
        int index = random.nextInt(disks.size());
        int size = disks.get(index).content.length;
        int grain = random.nextInt(5) > 0 ? Math.min(512, size) : 1;
        int at = random.nextBoolean() ? (int) ((long) hotPercent * size / 100_000) : random.nextInt(size);
        int from = at / grain * grain;
        int longest = random.nextInt(50) == 0 ? 1_300_000 : 20_000;
        int length = Math.min(size - from, (1 + random.nextInt(longest) / grain) * grain);
        if (from + length < size && from + length + grain > size && random.nextBoolean()) {
            length = size - from;
        }
        if (length > 0) {
            act(index, from, length);
        }
        inMirror = false;
    }

    private void act(int index, int from, int length) {
        byte[] content = disks.get(index).content;
        switch (random.nextInt(8)) {
            case 0 -> {
                Arrays.fill(content, from, from + length, (byte) 0);
                between();
                if (isMirrored(index)) {
                    mirrors.get(index).zeroed(from, length);
                }
            }
            case 1 -> {
                Arrays.fill(content, from, from + length, (byte) (random.nextBoolean() ? 0 : 0xd5));
                between();
                if (isMirrored(index)) {
                    mirrors.get(index).discarded(from, length);
                }
            }
            case 2 -> {
                Arrays.fill(content, from, from + length, (byte) 0);
                between();
                write(index, from, ByteBuffer.allocate(length));
            }
            default -> {
                int noise = random.nextInt(NOISE.length - length);
                System.arraycopy(NOISE, noise, content, from, length);
                between();
                write(index, from, ByteBuffer.wrap(NOISE, noise, length));
            }
        }
    }

    private void write(int index, int from, ByteBuffer bytes) {
        if (isMirrored(index)) {
            mirrors.get(index).written(from, bytes);
        }
    }

    private boolean isMirrored(int index) {
        return index < mirrors.size();
    }

    /** Between the source's disk having the write and the mirror being told, the rest goes on. */
    private void between() {
        if (random.nextInt(3) == 0) {
            world.run();
        }
    }
}
