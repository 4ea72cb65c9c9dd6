package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.transport.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sender and receiver with their real threads, and their failures. */
final class DiskTransferTest {
    private static final long WINDOW = 16L << 20;
    private static final int SIZE = (32 << 20) + 512;

    private final MemoryDisk source = new MemoryDisk(SIZE);
    private final MemoryDisk destination = new MemoryDisk(SIZE);
    private final CompletableFuture<StorageException> sourceFailure = new CompletableFuture<>();
    private final CompletableFuture<StorageException> destinationFailure = new CompletableFuture<>();
    private final DiskReceiver receiver = new DiskReceiver(
            destination, DiskReceiverSettings.withWindow(WINDOW), System::nanoTime, destinationFailure::complete);
    private final MemoryStream stream = new MemoryStream(WINDOW, receiver);
    private final DiskSender sender =
            new DiskSender(source, stream, DiskSenderSettings.DEFAULT, sourceFailure::complete);
    private final Thread mover = new Thread(sender::copy, "mover");

    @AfterEach
    void stop() throws InterruptedException {
        sender.stop();
        receiver.stop();
        mover.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(mover.isAlive()).isFalse();
    }

    @Test
    void copiesWhileTheGuestWrites() throws StorageException, InterruptedException {
        fill(source, 11);
        receiver.start(Thread::new);
        mover.start();
        Random random = new Random(12);
        for (int write = 0; write < 3000; write++) {
            int length = 512 * (1 + random.nextInt(64));
            int offset = random.nextInt(SIZE / 512 - 64) * 512;
            ByteBuffer data = ByteBuffer.allocate(length);
            random.nextBytes(data.array());
            source.content.slice(offset, length).put(data.duplicate());
            sender.written(offset, data);
        }
        sender.awaitInSync();
        long frames = sender.finish();
        assertThat(sender.finish()).isEqualTo(frames);
        receiver.awaitApplied(frames);
        receiver.flush();
        assertThat(destination.content.mismatch(source.content)).isEqualTo(-1);
        assertThat(receiver.appliedFrames()).isEqualTo(frames);
        assertThat(receiver.appliedBytes()).isGreaterThanOrEqualTo(SIZE);
    }

    @Test
    void sendsNothingForABlankDisk() throws StorageException, InterruptedException {
        receiver.start(Thread::new);
        mover.start();
        assertThat(sender.finish()).isZero();
        assertThat(sender.counters().doneBytes()).isEqualTo(SIZE);
    }

    @Test
    void tellsThatTheDestinationIsFull()
            throws InterruptedException, ExecutionException, TimeoutException, StorageException {
        fill(source, 13);
        destination.failure = new DiskFullException("full", new IOException("28"));
        receiver.start(Thread::new);
        mover.start();
        assertThat(destinationFailure.get(10, TimeUnit.SECONDS).code()).isEqualTo(StorageException.Code.NO_SPACE);
        assertThatThrownBy(() -> receiver.awaitApplied(1))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageException.Code.NO_SPACE));
        assertThatThrownBy(receiver::flush).isInstanceOf(StorageException.class);
        assertThat(stream.unacknowledgedBytes()).isPositive();
    }

    @Test
    void aReadErrorEndsTheCopyAndNotTheGuest() throws InterruptedException, ExecutionException, TimeoutException {
        source.failure = new IOException("broken disk");
        mover.start();
        assertThat(sourceFailure.get(10, TimeUnit.SECONDS).code()).isEqualTo(StorageException.Code.READ_FAILED);
        sender.written(0, ByteBuffer.allocate(512));
        assertThatThrownBy(sender::awaitInSync).hasMessageContaining("broken disk");
        assertThatThrownBy(sender::finish).hasMessageContaining("broken disk");
    }

    @Test
    void anEndedLinkEndsTheCopyThatWaitsForItsWindow()
            throws InterruptedException, ExecutionException, TimeoutException {
        fill(source, 14);
        mover.start();
        stream.end();
        assertThat(sourceFailure.get(10, TimeUnit.SECONDS).code()).isEqualTo(StorageException.Code.LINK_ENDED);
    }

    @Test
    void stoppingEndsACopyThatWaitsForItsWindowWithoutAFailure() throws InterruptedException {
        fill(source, 15);
        mover.start();
        sender.stop();
        mover.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(mover.isAlive()).isFalse();
        assertThat(sourceFailure).isNotDone();
        sender.written(0, ByteBuffer.allocate(512));
    }

    @Test
    void refusesFramesThatNoCorrectSourceSends() {
        List<Frame> wrong = List.of(
                DiskFrames.data(SIZE - 1, 0, ByteBuffer.allocate(2)),
                DiskFrames.data(-1, 0, ByteBuffer.allocate(2)),
                DiskFrames.data(0, 0, ByteBuffer.allocate(0)),
                DiskFrames.data(0, 1, ByteBuffer.allocate(1)),
                DiskFrames.zeroes(512, 0, Long.MAX_VALUE),
                DiskFrames.zeroes(0, 0, -1),
                new Frame(DiskFrames.ZEROES, 0, 0, ByteBuffer.allocate(7)),
                new Frame(9, 0, 0, ByteBuffer.allocate(7)));
        for (Frame frame : wrong) {
            List<StorageException> failures = new ArrayList<>();
            DiskReceiver strict = new DiskReceiver(
                    destination, DiskReceiverSettings.withWindow(WINDOW), System::nanoTime, failures::add);
            strict.onFrame(0, frame, () -> {
                throw new AssertionError("acknowledged");
            });
            strict.onFrame(1, frame, () -> {});
            assertThat(failures).as("%s", frame).hasSize(1);
            assertThat(failures.get(0).code()).isEqualTo(StorageException.Code.PROTOCOL);
        }
    }

    @Test
    void refusesMoreThanTheWindow() {
        List<StorageException> failures = new ArrayList<>();
        DiskReceiver strict = new DiskReceiver(
                destination, DiskReceiverSettings.withWindow(1 << 20), System::nanoTime, failures::add);
        strict.onFrame(0, DiskFrames.data(0, 0, ByteBuffer.allocate(1 << 20)), () -> {});
        assertThat(failures).isEmpty();
        strict.onFrame(1, DiskFrames.data(1 << 20, 0, ByteBuffer.allocate(1)), () -> {});
        assertThat(failures).hasSize(1);
    }

    private static void fill(MemoryDisk disk, long seed) {
        byte[] block = new byte[1 << 20];
        Random random = new Random(seed);
        for (int offset = 0; offset < SIZE; offset += block.length) {
            random.nextBytes(block);
            disk.content
                    .slice(offset, Math.min(block.length, SIZE - offset))
                    .put(block, 0, Math.min(block.length, SIZE - offset));
        }
    }
}
