package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.MirrorSink;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One disk at the source: copies it while the guest writes to it. Thread safe. {@link #copy} is the body of one thread,
 * which alone uses the reader; the mirror's methods never wait for it, nor for the stream.
 *
 * <p>Made before the mirror is started, so that no write is missed. After a failure or {@link #stop} the mirror's writes
 * are taken and forgotten: the guest goes on.
 */
public final class DiskSender implements MirrorSink {
    private final DiskCopy copy;
    private final Mover mover;
    private final SeedReceiver returns;
    private final StreamSender stream;
    private final long sizeBytes;
    private final Consumer<StorageException> onFailure;
    private volatile @Nullable Thread copier;
    private volatile long finishesAsked;
    private volatile long finishesDone;
    private long generationsOpened;

    /** @param onFailure called once, on the thread that met the failure; not for {@link #stop} */
    public DiskSender(
            DiskReader reader, StreamSender stream, DiskSenderSettings settings, Consumer<StorageException> onFailure) {
        this(reader, stream, settings, SentBlocks.NONE, onFailure);
    }

    /**
     * @param sentBlocks hears what the destination has or is sent
     * @param onFailure called once, on the thread that met the failure; not for {@link #stop}
     */
    public DiskSender(
            DiskReader reader,
            StreamSender stream,
            DiskSenderSettings settings,
            SentBlocks sentBlocks,
            Consumer<StorageException> onFailure) {
        this.copy = new DiskCopy(reader.sizeBytes(), settings);
        this.mover = new Mover(copy, reader, stream, sentBlocks);
        this.returns = new SeedReceiver(copy.told(), this::fail);
        this.stream = stream;
        this.sizeBytes = reader.sizeBytes();
        this.onFailure = onFailure;
        stream.onAcknowledged(copy::acknowledged);
    }

    /**
     * Takes what the destination tells of its disk, on {@code StreamId.diskReturn}. Needed where the settings say that it
     * does: nothing is copied before it was told of, or its end was.
     */
    public FrameReceiver returns() {
        return returns;
    }

    /** Copies until {@link #stop} or a failure. Once, on its own thread. */
    public void copy() {
        copier = Thread.currentThread();
        try {
            while (!copy.ended()) {
                long seen = copy.changes();
                if (!step()) {
                    copy.awaitChange(seen);
                }
            }
        } catch (IOException e) {
            fail(new StorageException(StorageException.Code.READ_FAILED, "reading the source's disk: " + e, e));
        } catch (LinkException e) {
            fail(new StorageException(StorageException.Code.LINK_ENDED, "sending the disk: " + e.getMessage(), e));
        } catch (InterruptedException e) {
            copy.end(new StorageException(StorageException.Code.STOPPED, "interrupted", e));
        } catch (RuntimeException | Error e) {
            // Whoever waits for this thread must hear that it is gone.
            fail(new StorageException(StorageException.Code.INTERNAL, "the copy of the disk failed: " + e, e));
        } finally {
            copier = null;
        }
    }

    /** One turn of {@link #copy}, on the same thread. */
    boolean step() throws IOException, LinkException, InterruptedException {
        long asked = finishesAsked;
        if (generationsOpened < asked) {
            generationsOpened = asked;
            copy.told().tellTheRest();
            if (copy.hasUnsent()) {
                copy.openGeneration();
            }
        }
        if (mover.step()) {
            return true;
        }
        if (finishesDone < asked && !copy.hasUnsent()) {
            finishesDone = asked;
            copy.changed();
            return true;
        }
        return false;
    }

    /** Waits until no more is left than the switchover can carry. */
    public void awaitInSync() throws StorageException, InterruptedException {
        while (true) {
            long seen = copy.changes();
            copy.throwIfEnded();
            if (copy.isInSync()) {
                return;
            }
            copy.awaitChange(seen);
        }
    }

    /**
     * Whether the destination has told itself that its disk is blank, where the settings took it for that. Until then zeros
     * may be missing there, and the guest must not go on from that disk.
     */
    public boolean isConfirmed() {
        return copy.told().isConfirmed();
    }

    /** What the destination does not have in its newest form. */
    public long remainingBytes() {
        return copy.remainingBytes();
    }

    public DiskCounters counters() {
        return copy.counters();
    }

    /**
     * Hands all that is left to the stream, without waiting for acknowledgements. The guest is paused, and the reader
     * still open. May be called again, when the mirror has ended, to be sure of a write that came in between: where
     * there was none it returns the same number at once.
     *
     * @return how many frames the receiver must have applied
     */
    public long finish() throws StorageException, InterruptedException {
        long asked = askToFinish();
        while (true) {
            long seen = copy.changes();
            copy.throwIfEnded();
            if (finishesDone >= asked) {
                return copy.frames();
            }
            copy.awaitChange(seen);
        }
    }

    synchronized long askToFinish() {
        finishesAsked++;
        copy.changed();
        return finishesAsked;
    }

    boolean finished() {
        return finishesDone == finishesAsked;
    }

    /**
     * Ends {@link #copy} and what waits here. Does not wait for it. Idempotent. A read or a send that is under way is
     * interrupted, which closes the reader's connection.
     */
    public void stop() {
        copy.end(new StorageException(StorageException.Code.STOPPED, "stopped"));
        Thread running = copier;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public void written(long offset, ByteBuffer data) {
        if (!isWithin(offset, data.remaining())) {
            return;
        }
        for (Span span : copy.written(offset, data)) {
            int length = (int) span.lengthBytes();
            ByteBuffer owned = ByteBuffer.allocate(length)
                    .put(data.slice(data.position() + (int) (span.offset() - offset), length))
                    .flip();
            Frame frame = ZeroBytes.fill(owned)
                    ? DiskFrames.zeroes(span.offset(), span.barrier(), span.lengthBytes())
                    : DiskFrames.data(span.offset(), span.barrier(), owned);
            trySend(span, frame, owned);
        }
    }

    @Override
    public void zeroed(long offset, long lengthBytes) {
        if (!isWithin(offset, lengthBytes)) {
            return;
        }
        for (Span span : copy.zeroed(offset, lengthBytes)) {
            trySend(span, DiskFrames.zeroes(span.offset(), span.barrier(), span.lengthBytes()), null);
        }
    }

    @Override
    public void discarded(long offset, long lengthBytes) {
        if (isWithin(offset, lengthBytes)) {
            copy.discarded(offset, lengthBytes);
        }
    }

    long pendingBytes() {
        return copy.pendingBytes();
    }

    private void trySend(Span span, Frame frame, @Nullable ByteBuffer bytes) {
        int payloadBytes = frame.payload().remaining();
        OptionalLong number = stream.trySend(frame);
        if (number.isPresent()) {
            copy.handed(number.getAsLong(), new Flights.Flight(span, payloadBytes, null));
        } else {
            copy.refused(span, bytes);
        }
    }

    private boolean isWithin(long offset, long lengthBytes) {
        if (offset >= 0 && lengthBytes >= 0 && offset <= sizeBytes - lengthBytes) {
            return true;
        }
        fail(new StorageException(
                StorageException.Code.INTERNAL,
                "the mirror told of " + offset + "+" + lengthBytes + " on a disk of " + sizeBytes + " bytes"));
        return false;
    }

    private void fail(StorageException failure) {
        if (copy.end(failure)) {
            onFailure.accept(failure);
        }
    }
}
