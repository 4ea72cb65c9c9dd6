package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.PeerViolationException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One disk at the destination: writes what the stream brings. Thread safe. Frames are acknowledged when they are
 * written, so the stream's window bounds what is held here. Writing is done by threads of the factory handed in.
 *
 * <p>After a failure or {@link #stop} nothing more is written or acknowledged.
 */
public final class DiskReceiver implements FrameReceiver {
    /** Long, so that a sparse terabyte is asked in a thousand questions; short, so that a full disk's first answer is. */
    private static final long STRETCH_BYTES = 1L << 30;
    /** Looked at where the disk does not know: QEMU says so of the end of a disk whose size is no multiple of a block. */
    private static final int UNSURE_LIMIT_BYTES = RegionMap.REGION_BYTES;

    private static final Logger log = LoggerFactory.getLogger(DiskReceiver.class);

    private final DiskWriter writer;
    private final DiskReceiverSettings settings;
    private final LongSupplier nanoTime;
    private final Consumer<StorageException> onFailure;
    private final long sizeBytes;
    private final ApplyQueue queue;
    private final FlushClock flushClock;
    private final AtomicReference<@Nullable StorageException> failure = new AtomicReference<>();
    private volatile @Nullable SeedTeller teller;
    private volatile boolean blank;

    /**
     * @param nanoTime a clock that only goes forward
     * @param onFailure called once, on the thread that met the failure; not for {@link #stop}
     */
    public DiskReceiver(
            DiskWriter writer,
            DiskReceiverSettings settings,
            LongSupplier nanoTime,
            Consumer<StorageException> onFailure) {
        this.writer = writer;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.onFailure = onFailure;
        this.sizeBytes = writer.sizeBytes();
        this.queue = new ApplyQueue(settings.windowBytes());
        this.flushClock = new FlushClock(settings);
    }

    /** Starts the writers. Once. They end after {@link #stop} or a failure. */
    public void start(ThreadFactory threads) {
        for (int i = 0; i < settings.writers(); i++) {
            threads.newThread(this::write).start();
        }
    }

    /**
     * Whether the disk reads as zeros from end to end, by what it says of itself. Before the first frame can come; a disk that
     * was found so here is told of as such without another look.
     */
    public boolean foundBlank() {
        try {
            blank = readsAsZeros();
        } catch (IOException e) {
            // Whoever tells what the disk holds meets it again, and copes.
            log.debug("Whether the disk is blank cannot be seen: {}", e.toString());
        }
        return blank;
    }

    private boolean readsAsZeros() throws IOException {
        int unsureBytes = 0;
        for (long offset = 0; offset < sizeBytes; offset += STRETCH_BYTES) {
            for (Extent extent : writer.extents(offset, Math.min(STRETCH_BYTES, sizeBytes - offset))) {
                if (extent.zero()) {
                    continue;
                }
                if (unsureBytes + extent.lengthBytes() > UNSURE_LIMIT_BYTES) {
                    return false;
                }
                unsureBytes += (int) extent.lengthBytes();
                ByteBuffer bytes = ByteBuffer.allocate((int) extent.lengthBytes());
                writer.read(extent.offset(), bytes);
                if (!ZeroBytes.fill(bytes.flip())) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Tells the source what the disk holds now, so that what is there already is not sent. Before the first frame can come,
     * once, by one thread of the factory; the disk must not be changed by anybody else from here on.
     *
     * @param returns the disk's return stream, {@code StreamId.diskReturn}
     */
    public void tellContent(StreamSender returns, ThreadFactory threads) {
        SeedTeller made = newTeller(returns);
        threads.newThread(() -> tell(made)).start();
    }

    private void tell(SeedTeller made) {
        try {
            made.tell();
        } catch (RuntimeException | Error e) {
            // The source waits for what would have been told.
            fail(new StorageException(StorageException.Code.INTERNAL, "telling what the disk holds failed: " + e, e));
        }
    }

    SeedTeller newTeller(StreamSender returns) {
        SeedTeller made = new SeedTeller(writer, returns, blank);
        teller = made;
        if (queue.stopped()) {
            made.stop();
        }
        return made;
    }

    /**
     * Reads a part of the disk where nothing that has come is to change it. What is still on its way may change it at any
     * time: who reads must know what to expect, and compare.
     *
     * @param into is filled; its content is of no use where false is returned
     * @return false where the range is not settled, or the disk is not used any more
     */
    public boolean readBack(long offset, ByteBuffer into) throws IOException {
        int length = into.remaining();
        if (offset < 0 || offset > sizeBytes - length || !queue.isSettled(offset, length)) {
            return false;
        }
        writer.read(offset, into);
        return true;
    }

    @Override
    public void onFrame(long number, Frame frame, Runnable consumed) {
        try {
            if (!queue.add(Delivery.parse(number, frame, sizeBytes, consumed))) {
                fail(new StorageException(new PeerViolationException(
                        "frame " + number + " of the disk's stream exceeds its window",
                        "at most " + settings.windowBytes() + " bytes that are not acknowledged")));
            }
        } catch (StorageException e) {
            fail(e);
        }
    }

    /** Waits until so many frames of the stream are in the disk, though not yet safe from a power cut. */
    public void awaitApplied(long frames) throws StorageException, InterruptedException {
        if (!queue.awaitApplied(frames)) {
            throwFailure();
        }
    }

    /** Makes what was applied safe from a power cut. */
    public void flush() throws StorageException {
        throwFailure();
        try {
            writer.flush();
        } catch (IOException e) {
            fail(failureOf(e));
            throwFailure();
        }
    }

    /** Frames in the disk. */
    public long appliedFrames() {
        return queue.applied();
    }

    /** Bytes of the disk written or made zeros, what came again included. */
    public long appliedBytes() {
        return queue.appliedBytes();
    }

    /** Ends the writers after the write they are at, and what waits here. Idempotent; does not wait for them. */
    public void stop() {
        failure.compareAndSet(null, new StorageException(StorageException.Code.STOPPED, "stopped"));
        stopWork();
    }

    private void stopWork() {
        queue.stop();
        SeedTeller telling = teller;
        if (telling != null) {
            telling.stop();
        }
    }

    long heldBytes() {
        return queue.heldBytes();
    }

    private void write() {
        try {
            while (!queue.stopped()) {
                if (!step()) {
                    queue.await(flushClock.millisUntilDue(nanoTime.getAsLong()));
                }
            }
        } catch (InterruptedException e) {
            stop();
        } catch (RuntimeException | Error e) {
            // Whoever waits for this thread must hear that it is gone.
            fail(new StorageException(StorageException.Code.INTERNAL, "writing the disk failed: " + e, e));
        }
    }

    /** One turn of a writer. @return false where there was nothing to do */
    boolean step() {
        try {
            Delivery delivery = queue.poll();
            if (delivery != null) {
                apply(delivery);
            }
            return flushWhereDue() || delivery != null;
        } catch (IOException e) {
            fail(failureOf(e));
            return false;
        }
    }

    private void apply(Delivery delivery) throws IOException {
        if (delivery.zeroes()) {
            writer.writeZeroes(delivery.offset(), delivery.lengthBytes());
        } else {
            writer.write(delivery.offset(), delivery.bytes());
        }
        flushClock.wrote(delivery.heldBytes(), nanoTime.getAsLong());
        queue.applied(delivery);
        delivery.consumed().run();
    }

    private boolean flushWhereDue() throws IOException {
        if (!flushClock.begin(nanoTime.getAsLong())) {
            return false;
        }
        writer.flush();
        flushClock.flushed();
        return true;
    }

    private static StorageException failureOf(IOException e) {
        boolean full = e instanceof DiskFullException;
        return new StorageException(
                full ? StorageException.Code.NO_SPACE : StorageException.Code.WRITE_FAILED,
                "writing the destination's disk: " + e.getMessage(),
                e);
    }

    private void fail(StorageException cause) {
        boolean first = failure.compareAndSet(null, cause);
        stopWork();
        if (first) {
            onFailure.accept(cause);
        }
    }

    private void throwFailure() throws StorageException {
        StorageException cause = failure.get();
        if (cause != null) {
            throw new StorageException(cause.code(), String.valueOf(cause.getMessage()), cause);
        }
    }
}
