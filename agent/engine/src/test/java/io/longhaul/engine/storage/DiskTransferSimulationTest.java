package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Sender and receiver of one disk in one thread, with a guest that writes at every point where threads could meet: within
 * reads, within sends, between steps. Frames and acknowledgements arrive in any order. {@code -Dlonghaul.seed=N} runs one.
 */
final class DiskTransferSimulationTest {
    private static final int SEEDS = 300;
    /** Drawn once: drawing bytes for every write took most of the time. */
    private static final byte[] NOISE = new byte[4 << 20];

    static {
        new Random(0).nextBytes(NOISE);
    }

    private static final int[] SIZES = {512, 65536, 65537, (1 << 20) + 512, (2 << 20) - 1, (3 << 20) + 4096};

    @Test
    void destinationEqualsSourceWhateverTheOrder() throws IOException, InterruptedException {
        String single = System.getProperty("longhaul.seed");
        long first = single == null ? 1 : Long.parseLong(single);
        long last = single == null ? SEEDS : first;
        for (long seed = first; seed <= last; seed++) {
            try {
                new Simulation(seed).run();
            } catch (AssertionError | LinkException | RuntimeException e) {
                throw new AssertionError("failed; repeat with -Dlonghaul.seed=" + seed, e);
            }
        }
    }

    /** One guest, one disk, one migration. */
    private static final class Simulation {
        private static final long PENDING_LIMIT = 5L << 16;

        private final Random random;
        private final List<StorageException> failures = new ArrayList<>();
        private final SimulatedDisk source;
        private final SimulatedDisk destination;
        private final SimulatedStream stream;
        private final DiskSender sender;
        private final DiskReceiver receiver;
        private final long windowBytes;
        private final int hotOffset;
        private boolean guestRuns = true;
        private boolean inMirror;
        private int depth;
        private long nowNanos;

        Simulation(long seed) {
            random = new Random(seed);
            int size = SIZES[random.nextInt(SIZES.length)];
            windowBytes = (1L << 20) + random.nextInt(4 << 20);
            source = new SimulatedDisk(size, random, this::world);
            destination = new SimulatedDisk(size, random, () -> {});
            stream = new SimulatedStream(random, windowBytes, this::world);
            hotOffset = random.nextInt(size);
            fillSource(size);
            sender = new DiskSender(
                    source, stream, new DiskSenderSettings(PENDING_LIMIT, 1 << 18, false), failures::add);
            DiskReceiverSettings settings = new DiskReceiverSettings(windowBytes, 1, 1 << 20, Duration.ofSeconds(2));
            receiver = new DiskReceiver(destination, settings, () -> nowNanos, failures::add);
            stream.receiver(receiver);
        }

        void run() throws IOException, LinkException, InterruptedException {
            int turns = random.nextInt(300);
            for (int turn = 0; turn < turns; turn++) {
                if (random.nextInt(20) == 0) {
                    // Not needed by any session; it opens an generation while all is in motion.
                    sender.askToFinish();
                }
                sender.step();
                world();
                check(sender.pendingBytes() <= PENDING_LIMIT, "more waits than the limit");
            }
            long doneBefore = sender.counters().doneBytes();
            finishWhilePaused(random.nextBoolean());
            assertThat(sender.counters().doneBytes()).isGreaterThanOrEqualTo(doneBefore);
            assertThat(receiver.appliedFrames()).isEqualTo(sender.counters().frames());
            assertThat(failures).isEmpty();
            assertThat(Arrays.mismatch(destination.content, source.content)).isEqualTo(-1);
            while (stream.deliver()) {
                receiver.step();
            }
            assertThat(sender.counters().remainingBytes()).isZero();
            assertThat(sender.counters().doneBytes()).isEqualTo(source.content.length);
        }

        private void finishWhilePaused(boolean lateWrite) throws IOException, LinkException, InterruptedException {
            if (lateWrite) {
                // The contract allows that the first finish still overlaps with the guest; the second may not.
                sender.askToFinish();
                stepUntilFinished();
            }
            guestRuns = false;
            sender.askToFinish();
            stepUntilFinished();
            long frames = sender.counters().frames();
            for (int turn = 0; receiver.appliedFrames() < frames; turn++) {
                check(turn < 1_000_000, "applying takes too many turns");
                receiver.step();
                stream.deliver();
            }
        }

        private void stepUntilFinished() throws IOException, LinkException, InterruptedException {
            for (int turn = 0; !sender.finished(); turn++) {
                check(turn < 100_000, "the finish takes too many turns");
                sender.step();
                if (turn > 1000) {
                    guestRuns = false;
                }
                if (guestRuns || random.nextInt(4) == 0) {
                    world();
                }
            }
        }

        /** Something happens elsewhere: arrivals, writes of the disk, writes of the guest. */
        private void world() {
            if (depth > 2) {
                return;
            }
            depth++;
            nowNanos += random.nextInt(100_000_000);
            for (int events = random.nextInt(4); events >= 0; events--) {
                switch (random.nextInt(4)) {
                    case 0 -> stream.deliver();
                    case 1 -> receiver.step();
                    default -> guestActs();
                }
            }
            if (stream.waiting()) {
                stream.deliver();
                receiver.step();
            }
            check(receiver.heldBytes() <= windowBytes, "more is held than the window");
            depth--;
        }

        private void guestActs() {
            if (!guestRuns || inMirror) {
                return;
            }
            inMirror = true;
            int size = source.content.length;
            boolean aligned = random.nextInt(5) > 0;
            int grain = aligned ? Math.min(512, size) : 1;
            int at = random.nextBoolean() ? hotOffset : random.nextInt(size);
            int from = at / grain * grain;
            int longest = random.nextInt(10) == 0 ? 1_300_000 : 20_000;
            int length = Math.min(size - from, (1 + random.nextInt(longest) / grain) * grain);
            if (from + length < size && from + length + grain > size && random.nextBoolean()) {
                length = size - from;
            }
            if (length > 0) {
                act(from, length);
            }
            inMirror = false;
        }

        private void act(int from, int length) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    Arrays.fill(source.content, from, from + length, (byte) 0);
                    between();
                    sender.zeroed(from, length);
                }
                case 1 -> {
                    Arrays.fill(source.content, from, from + length, (byte) (random.nextBoolean() ? 0 : 0xd5));
                    between();
                    sender.discarded(from, length);
                }
                case 2 -> {
                    Arrays.fill(source.content, from, from + length, (byte) 0);
                    between();
                    sender.written(from, ByteBuffer.allocate(length));
                }
                default -> {
                    int noise = random.nextInt(NOISE.length - length);
                    System.arraycopy(NOISE, noise, source.content, from, length);
                    between();
                    sender.written(from, ByteBuffer.wrap(NOISE, noise, length));
                }
            }
        }

        /** Between the source's disk having the write and the mirror being told, the rest goes on. */
        private void between() {
            if (random.nextInt(3) == 0) {
                world();
            }
        }

        /** Without AssertJ, which would take most of the time here. */
        private static void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise);
            }
        }

        private void fillSource(int size) {
            for (int from = 0; from < size; ) {
                int to = Math.min(size, from + 1 + random.nextInt(300_000));
                if (random.nextInt(3) > 0) {
                    System.arraycopy(NOISE, random.nextInt(1 << 20), source.content, from, to - from);
                }
                from = to;
            }
        }
    }
}
