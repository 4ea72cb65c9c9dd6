package io.longhaul.engine.storage;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One guest with one disk or several, and one migration or several until one succeeds: those before are broken off by a
 * restart of either side, and the next begins with what is left at the destination. Owned by one thread. Checks without
 * AssertJ, which would take most of the time here.
 */
final class DiskSimulation {
    private static final long PENDING_LIMIT = 5L << 16;
    private static final int[] SIZES = {
        512, 777, 65536, 65537, 300_000, (1 << 20) + 512, (2 << 20) - 1, (3 << 20) + 4096
    };

    private final Random random;
    private final List<SimulatedMove> moves = new ArrayList<>();
    private final SimulatedGuest guest;
    private final List<SimulatedDisk> destinations = new ArrayList<>();
    private final long windowBytes;
    /** How many times more seldom than the link the far disks work. */
    private final int diskSlowness;

    private SimulatedLink link;
    private int depth;
    private long nowNanos;

    DiskSimulation(long seed) {
        random = new Random(seed);
        windowBytes = (1L << 20) + random.nextInt(4 << 20);
        diskSlowness = 1 + random.nextInt(4);
        link = new SimulatedLink(random, windowBytes, this::world);
        guest = new SimulatedGuest(random, this::world);
        int disks = random.nextInt(4) == 0 ? 2 + random.nextInt(2) : 1;
        int largest = disks == 1 && random.nextInt(5) == 0 ? SIZES.length : SIZES.length - 2;
        for (int index = 0; index < disks; index++) {
            SimulatedDisk source = new SimulatedDisk(SIZES[random.nextInt(largest)], random, this::world);
            guest.attach(source);
            SimulatedDisk destination = new SimulatedDisk(source.content.length, random, () -> {});
            guest.fill(source);
            leftovers(source, destination);
            destinations.add(destination);
        }
    }

    /** What the destination's disk holds before the first try. */
    private void leftovers(SimulatedDisk source, SimulatedDisk destination) {
        switch (random.nextInt(4)) {
            case 0 -> System.arraycopy(source.content, 0, destination.content, 0, source.content.length);
            case 1 -> {
                System.arraycopy(source.content, 0, destination.content, 0, source.content.length);
                for (int changes = random.nextInt(10); changes >= 0; changes--) {
                    int from = random.nextInt(source.content.length);
                    int end = Math.min(source.content.length, from + random.nextInt(70_000));
                    Arrays.fill(destination.content, from, end, (byte) random.nextInt(3));
                }
            }
            case 2 -> guest.fill(destination);
            default -> Arrays.fill(destination.content, (byte) 0);
        }
    }

    void run() throws IOException, LinkException, InterruptedException {
        int broken = random.nextInt(3);
        for (int attempt = 0; attempt < broken; attempt++) {
            begin();
            turns(random.nextInt(80));
            breakOff();
        }
        begin();
        turns(random.nextInt(120));
        finish();
        check(link.mostRepeatedBytes <= windowBytes, "more than a window was sent again");
    }

    private void begin() {
        link = new SimulatedLink(random, windowBytes, this::world);
        // A destination's disk that cannot be read counts as holding nothing, and must not be known to be blank.
        boolean unreadable = random.nextInt(30) == 0;
        for (int index = 0; index < destinations.size(); index++) {
            SimulatedDisk destination = destinations.get(index);
            destination.readsUntilFailure = unreadable ? random.nextInt(3) : Integer.MAX_VALUE;
            SimulatedMove move = new SimulatedMove(
                    guest.disk(index),
                    destination,
                    link,
                    new DiskSenderSettings(PENDING_LIMIT, 1 << 18, true),
                    new DiskReceiverSettings(windowBytes, 1, 1 << 20, Duration.ofSeconds(2)),
                    () -> nowNanos);
            moves.add(move);
            guest.mirrorTo(index, move.sender);
        }
    }

    /** Either side is restarted: neither knows anything any more but what is in the disks. */
    private void breakOff() {
        link.end();
        moves.forEach(SimulatedMove::stop);
        moves.clear();
        guest.endMirrors();
        for (int acts = random.nextInt(20); acts > 0; acts--) {
            guest.act();
        }
    }

    private void turns(int count) throws IOException, LinkException, InterruptedException {
        for (int turn = 0; turn < count; turn++) {
            SimulatedMove move = any();
            if (random.nextInt(50) == 0) {
                // Not needed by any session; it opens a generation while all is in motion.
                move.sender.askToFinish();
            }
            move.sender.step();
            world();
        }
    }

    private void finish() throws IOException, LinkException, InterruptedException {
        long doneBefore = doneBytes();
        if (random.nextBoolean()) {
            // The contract allows that the first finish still overlaps with the guest; the second may not.
            finishSenders();
        }
        guest.pause();
        finishSenders();
        check(doneBytes() >= doneBefore, "the work done fell");
        for (SimulatedMove move : moves) {
            long frames = move.sender.counters().frames();
            for (int turn = 0; move.receiver.appliedFrames() < frames; turn++) {
                check(turn < 1_000_000, "applying takes too many turns");
                link.resume();
                move.receiver.step();
                link.deliver();
            }
            move.check(frames);
        }
        link.resume();
        while (link.deliver()) {
            for (SimulatedMove move : moves) {
                move.receiver.step();
            }
        }
        moves.forEach(SimulatedMove::checkSettled);
    }

    private long doneBytes() {
        return moves.stream()
                .mapToLong(move -> move.sender.counters().doneBytes())
                .sum();
    }

    private void finishSenders() throws IOException, LinkException, InterruptedException {
        for (SimulatedMove move : moves) {
            move.sender.askToFinish();
            for (int turn = 0; !move.sender.finished(); turn++) {
                check(turn < 100_000, "the finish takes too many turns");
                move.sender.step();
                if (turn > 100) {
                    guest.pause();
                }
                if (guest.runs() || random.nextInt(4) == 0) {
                    world();
                }
            }
        }
    }

    /** Something happens elsewhere: arrivals, writes of the disks, cuts of the link, the guest. */
    private void world() {
        if (depth > 2) {
            return;
        }
        depth++;
        nowNanos += random.nextInt(100_000_000);
        for (int events = random.nextInt(4); events >= 0; events--) {
            switch (random.nextInt(6)) {
                case 0, 1 -> link.deliver();
                case 2 -> farSide();
                case 3 -> weather();
                default -> guest.act();
            }
        }
        if (link.waiting() && !moves.isEmpty()) {
            link.deliver();
            any().receiver.step();
        }
        long held = 0;
        for (SimulatedMove move : moves) {
            held += move.receiver.heldBytes();
            check(move.sender.pendingBytes() <= PENDING_LIMIT, "more waits than the limit");
        }
        check(held <= windowBytes, "more is held than the window");
        depth--;
    }

    private void farSide() {
        if (moves.isEmpty()) {
            return;
        }
        any().tellMore();
        if (random.nextInt(diskSlowness) == 0) {
            any().receiver.step();
        }
    }

    private void weather() {
        if (link.isCut()) {
            if (random.nextInt(4) == 0) {
                link.resume();
            }
        } else if (random.nextInt(60) == 0) {
            link.cut();
        }
    }

    private SimulatedMove any() {
        return moves.get(random.nextInt(moves.size()));
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
