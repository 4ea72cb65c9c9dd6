package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** A thin disk of a terabyte, and a link that is away for long: neither costs memory. */
final class LargeDiskTest {
    private static final long TEBIBYTE = 1L << 40;
    private static final long ISLAND = 10L << 30;
    private static final Duration QUICK = Duration.ofSeconds(20);

    @Test
    void aThinTerabyteIsMovedToAThinTerabyte() throws IOException, InterruptedException, LinkException {
        List<Frame> sent = new ArrayList<>();
        List<StorageException> failures = new ArrayList<>();
        ThinDisk disk = new ThinDisk();
        DiskSender sender = new DiskSender(
                disk, new EndlessStream(sent, Long.MAX_VALUE), DiskSenderSettings.oneOf(1, false), failures::add);
        EndlessStream returned = new EndlessStream(new ArrayList<>(), Long.MAX_VALUE) {
            private long number;

            @Override
            public long send(Frame frame) {
                long sentAs = number++;
                sender.returns().onFrame(sentAs, frame, () -> acknowledge(sentAs));
                return sentAs;
            }
        };
        SeedTeller teller = new SeedTeller(new ThinDisk(), returned, false);
        long began = System.nanoTime();
        teller.tell();
        sender.askToFinish();
        while (!sender.finished()) {
            sender.step();
        }
        String digest = DiskDigest.of(disk, () -> false);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(QUICK);
        assertThat(digest).hasSize(64);
        assertThat(sent).as("the one region that is no hole").isEmpty();
        assertThat(sender.counters().matchedBytes()).isEqualTo(RegionMap.REGION_BYTES);
        assertThat(failures).isEmpty();
    }

    @Test
    void zerosForATerabyteOfUnknownContentWaitForAcknowledgementsAndNotInMemory()
            throws IOException, InterruptedException, LinkException {
        List<Frame> sent = new ArrayList<>();
        EndlessStream stream = new EndlessStream(sent, Long.MAX_VALUE);
        DiskSender sender = new DiskSender(new ThinDisk(), stream, DiskSenderSettings.oneOf(1, false), failure -> {
            throw new AssertionError(failure);
        });
        sender.returns().onFrame(0, SeedFrames.end(), () -> {});
        int acknowledged = 0;
        int most = 0;
        sender.askToFinish();
        while (!sender.finished()) {
            if (!sender.step()) {
                most = Math.max(most, sent.size() - acknowledged);
                stream.acknowledge(acknowledged++);
            }
        }
        int regionsEach = (int) (DiskCopy.ZEROES_LIMIT_BYTES / RegionMap.REGION_BYTES);
        assertThat(most).isBetween(1, DiskCopy.ACTIVITIES_LIMIT / regionsEach + 64);
        long zeroed = sent.stream()
                .filter(frame -> frame.kind() == DiskFrames.ZEROES)
                .mapToLong(frame -> frame.payload().getLong(0))
                .sum();
        assertThat(zeroed).isEqualTo(TEBIBYTE - RegionMap.REGION_BYTES);
    }

    @Test
    void aLinkThatIsAwayForLongCostsTheGuestNothingAndTheAgentNoMemory()
            throws IOException, InterruptedException, LinkException {
        List<Frame> sent = new ArrayList<>();
        long window = 8L << 20;
        EndlessStream stream = new EndlessStream(sent, window);
        DiskSenderSettings settings = DiskSenderSettings.oneOf(4, false);
        DiskSender sender = new DiskSender(new ThinDisk(), stream, settings, failure -> {
            throw new AssertionError(failure);
        });
        sender.returns().onFrame(0, SeedFrames.blank(0, (int) (TEBIBYTE / RegionMap.REGION_BYTES)), () -> {});
        while (sender.step()) {
            assertThat(sender.counters().frames()).isLessThan(10);
        }
        // Nothing is acknowledged from here on: the window fills, then the guest's writes go back to the map.
        ByteBuffer data = ByteBuffer.allocate(8192);
        data.put(0, (byte) 1);
        for (int write = 0; write < 200_000; write++) {
            sender.written(write % 50_000 * (1L << 20), data.duplicate());
            assertThat(sender.pendingBytes()).isLessThanOrEqualTo(settings.pendingLimitBytes());
        }
        assertThat(stream.unacknowledgedBytes()).isLessThanOrEqualTo(window);
        assertThat(sender.counters().returns()).isPositive();
        assertThat(sender.counters().remainingBytes()).isGreaterThan(window);
    }

    /** Sends without an end, and acknowledges when it is told to. Owned by the test's thread. */
    private static class EndlessStream implements StreamSender {
        private final List<Frame> sent;
        private final long windowBytes;
        private long bytes;
        private LongConsumer acknowledgement = number -> {};

        EndlessStream(List<Frame> sent, long windowBytes) {
            this.sent = sent;
            this.windowBytes = windowBytes;
        }

        void acknowledge(long number) {
            acknowledgement.accept(number);
        }

        @Override
        public long send(Frame frame) {
            sent.add(frame);
            bytes += frame.payload().remaining();
            return sent.size() - 1L;
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return bytes + frame.payload().remaining() > windowBytes
                    ? OptionalLong.empty()
                    : OptionalLong.of(send(frame));
        }

        @Override
        public void onAcknowledged(LongConsumer listener) {
            acknowledgement = listener;
        }

        @Override
        public long unacknowledgedBytes() {
            return bytes;
        }

        @Override
        public void awaitAcknowledged() {
            throw new UnsupportedOperationException("nothing here waits for it");
        }
    }

    /** A terabyte of holes with one region that is none. */
    private static final class ThinDisk implements DiskWriter {
        @Override
        public long sizeBytes() {
            return TEBIBYTE;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            while (into.hasRemaining()) {
                long at = offset++;
                into.put((byte) (at >= ISLAND && at < ISLAND + RegionMap.REGION_BYTES ? 5 : 0));
            }
        }

        @Override
        public List<Extent> extents(long offset, long lengthBytes) {
            List<Extent> extents = new ArrayList<>();
            long end = offset + lengthBytes;
            long from = offset;
            for (long border : new long[] {ISLAND, ISLAND + RegionMap.REGION_BYTES, end}) {
                long to = Math.min(end, Math.max(from, border));
                if (to > from) {
                    extents.add(new Extent(from, to - from, from < ISLAND || from >= ISLAND + RegionMap.REGION_BYTES));
                    from = to;
                }
            }
            return extents;
        }

        @Override
        public void write(long offset, ByteBuffer data) throws IOException {
            throw new IOException("read-only");
        }

        @Override
        public void writeZeroes(long offset, long lengthBytes) throws IOException {
            throw new IOException("read-only");
        }

        @Override
        public void flush() {
            // Nothing is written.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
