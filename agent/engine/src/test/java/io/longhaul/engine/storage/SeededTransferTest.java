package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A destination that holds something already, with real threads. */
final class SeededTransferTest {
    private static final long WINDOW = 4L << 20;
    /** More regions than may be told of without an answer, and not a multiple of anything. */
    private static final int SIZE = (24 << 20) + 777;

    private static final DiskSenderSettings SETTINGS = new DiskSenderSettings(1 << 20, 0, true);

    private static final int REGION = RegionMap.REGION_BYTES;

    private final MemoryDisk source = new MemoryDisk(SIZE);
    private final MemoryDisk destination = new MemoryDisk(SIZE);
    private final CompletableFuture<StorageException> failure = new CompletableFuture<>();
    private final DiskReceiver receiver =
            new DiskReceiver(destination, DiskReceiverSettings.withWindow(WINDOW), System::nanoTime, failure::complete);
    private final MemoryStream stream = new MemoryStream(WINDOW, receiver);
    private final Set<Long> heard = new HashSet<>();
    private final DiskSender sender = new DiskSender(source, stream, SETTINGS, this::hear, failure::complete);
    private final Thread mover = new Thread(sender::copy, "mover");

    @AfterEach
    void stop() throws InterruptedException {
        sender.stop();
        receiver.stop();
        mover.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(mover.isAlive()).isFalse();
    }

    @Test
    void nothingIsSentOfWhatIsThereAlready() throws StorageException, InterruptedException {
        fill(source, 1);
        destination.content.put(0, source.content, 0, SIZE);
        transfer(true);
        assertThat(sender.counters().sentBytes()).isZero();
        assertThat(sender.counters().matchedBytes()).isEqualTo(SIZE);
        assertThat(sender.counters().doneBytes()).isEqualTo(SIZE);
        assertThat(heard).as("blocks that the destination has").hasSize(SIZE / SentBlocks.BLOCK_BYTES);
    }

    @Test
    void onlyWhatDiffersIsSent() throws StorageException, InterruptedException {
        fill(source, 2);
        destination.content.put(0, source.content, 0, SIZE);
        destination.content.put(5 * REGION + 1, (byte) (source.content.get(5 * REGION + 1) + 1));
        destination.content.put(SIZE - 1, (byte) (source.content.get(SIZE - 1) + 1));
        transfer(true);
        assertThat(sender.counters().sentBytes()).isEqualTo(REGION + 777);
        assertThat(heard).as("blocks that the destination has").hasSize(SIZE / SentBlocks.BLOCK_BYTES);
    }

    @Test
    void whatIsZerosHereIsMadeZerosThere() throws StorageException, InterruptedException {
        fill(destination, 3);
        transfer(true);
        assertThat(sender.counters().sentBytes()).isLessThan(1000);
    }

    @Test
    void aDestinationThatTellsNothingIsCopiedToAtTheFinish() throws StorageException, InterruptedException {
        fill(source, 4);
        fill(destination, 5);
        transfer(false);
        assertThat(sender.counters().sentBytes()).isEqualTo(SIZE);
    }

    @Test
    void aDiskThatWasFoundBlankIsCopiedToBeforeItIsToldOf() throws StorageException, InterruptedException {
        fill(source, 7);
        destination.toldAsZeros = true;
        assertThat(receiver.foundBlank()).isTrue();
        DiskSender knowing = new DiskSender(
                source, new MemoryStream(WINDOW, receiver), DiskSenderSettings.oneOf(1, true), failure::complete);
        Thread copier = new Thread(knowing::copy, "copier");
        receiver.start(Thread::new);
        copier.start();
        knowing.awaitInSync();
        assertThat(knowing.isConfirmed()).isFalse();

        destination.toldAsZeros = false;
        List<Integer> told = new ArrayList<>();
        receiver.newTeller(new MemoryStream(WINDOW, (number, frame, consumed) -> {
                    told.add(frame.kind());
                    knowing.returns().onFrame(number, frame, consumed);
                }))
                .tell();
        assertThat(told).as("as it was found, not as it is now").containsExactly(SeedFrames.BLANK, SeedFrames.END);
        assertThat(knowing.isConfirmed()).isTrue();
        receiver.awaitApplied(knowing.finish());
        assertThat(destination.content.mismatch(source.content)).isEqualTo(-1);
        assertThat(failure).isNotDone();
        knowing.stop();
        copier.join();
    }

    @Test
    void aDiskThatHoldsSomethingThoughItWasSaidToBeBlankIsNotCopiedTo() {
        assertThat(receiver.foundBlank()).isFalse();
        assertRefused(SeedFrames.digests(3, 1, ByteBuffer.allocate(SeedFrames.DIGEST_BYTES)), true);
        assertRefused(SeedFrames.end(), true);
    }

    @Test
    void aLargerDiskHasTheCommonRegionsToTell() throws StorageException, InterruptedException {
        fill(source, 6);
        List<Frame> frames = new ArrayList<>();
        MemoryDisk larger = new MemoryDisk(SIZE + 3 * REGION);
        larger.content.put(0, source.content, 0, SIZE);
        FrameReceiver taker = (number, frame, consumed) -> {
            frames.add(frame);
            sender.returns().onFrame(number, frame, consumed);
        };
        new SeedTeller(larger, new MemoryStream(WINDOW, taker), false).tell();
        // Its last region is larger there, so it goes, and the disks are in sync once that is acknowledged.
        receiver.start(Thread::new);
        mover.start();
        sender.awaitInSync();
        assertThat(frames.get(frames.size() - 1).kind()).isEqualTo(SeedFrames.END);
        assertThat(sender.counters().matchedBytes()).isEqualTo((long) SIZE / REGION * REGION);
    }

    @Test
    void refusesWhatNoCorrectDestinationTells() {
        List<Frame> wrong = List.of(
                new Frame(9, 0, 1, ByteBuffer.allocate(0)),
                SeedFrames.blank(-1, 1),
                SeedFrames.blank(0, 0),
                Frame.withoutPayload(SeedFrames.BLANK, 0, Long.MAX_VALUE),
                SeedFrames.digests(0, 2, ByteBuffer.allocate(31)),
                new Frame(SeedFrames.END, 0, 0, ByteBuffer.allocate(1)));
        wrong.forEach(frame -> assertRefused(frame, false));
    }

    /** @param saidBlank whether the order says that the destination's disk is blank */
    private void assertRefused(Frame told, boolean saidBlank) {
        List<StorageException> failures = new ArrayList<>();
        new DiskSender(source, stream(), DiskSenderSettings.oneOf(1, saidBlank), failures::add)
                .returns()
                .onFrame(0, told, () -> {
                    throw new AssertionError("acknowledged");
                });
        assertThat(failures).as("%s", told).hasSize(1);
        assertThat(failures.get(0).code()).isEqualTo(StorageException.Code.PROTOCOL);
    }

    @Test
    void readsBackOnlyWhatIsSettled() throws IOException, InterruptedException {
        receiver.onFrame(0, DiskFrames.data(8192, 0, ByteBuffer.wrap(new byte[] {7})), () -> {});
        ByteBuffer block = ByteBuffer.allocate(4096);
        assertThat(receiver.readBack(8192, block)).isFalse();
        assertThat(receiver.readBack(4096, block.clear())).isTrue();
        receiver.step();
        assertThat(receiver.readBack(8192, block.clear())).isTrue();
        assertThat(block.get(0)).isEqualTo((byte) 7);
        assertThat(receiver.readBack(SIZE - 100, block.clear())).isFalse();
    }

    private static MemoryStream stream() {
        return new MemoryStream(WINDOW, (number, frame, consumed) -> {});
    }

    private void hear(long offset, ByteBuffer blocks) {
        for (long block = offset; block < offset + blocks.remaining(); block += SentBlocks.BLOCK_BYTES) {
            heard.add(block);
        }
    }

    private void transfer(boolean told) throws StorageException, InterruptedException {
        receiver.start(Thread::new);
        mover.start();
        if (told) {
            receiver.tellContent(new MemoryStream(WINDOW, sender.returns()), Thread::new);
            sender.awaitInSync();
        }
        receiver.awaitApplied(sender.finish());
        assertThat(destination.content.mismatch(source.content)).isEqualTo(-1);
        assertThat(failure).isNotDone();
    }

    private static void fill(MemoryDisk disk, long seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        disk.content.put(0, bytes);
    }
}
