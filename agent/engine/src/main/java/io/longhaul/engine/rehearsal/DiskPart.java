package io.longhaul.engine.rehearsal;

import io.longhaul.engine.memory.ContentIndex;
import io.longhaul.engine.storage.DiskReceiver;
import io.longhaul.engine.storage.DiskReceiverSettings;
import io.longhaul.engine.storage.DiskSender;
import io.longhaul.engine.storage.DiskSenderSettings;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One disk of a rehearsal, both sides of it. {@link #play} belongs to one thread, all else to any. */
final class DiskPart {
    /** Of the disk, what the destination has already. */
    private static final int HELD_SHARE = 8;

    /** What the guest writes while its disk is copied. */
    private static final int WRITE_BYTES = 16 * 1024;

    private static final int WRITES = 16;

    private final PartRunner runner;
    private final SampleContent content;
    private final SampleDisk copy;
    private final DiskSender sender;
    private final DiskReceiver receiver;

    /** @param known learns what is sent */
    DiskPart(
            PartRunner runner,
            SampleContent content,
            long sizeBytes,
            int index,
            Ticker ticker,
            Link source,
            Link destination,
            long windowBytes,
            ContentIndex known) {
        this.runner = runner;
        this.content = content;
        this.copy = SampleDisk.holding(content, sizeBytes, sizeBytes / HELD_SHARE);
        this.sender = new DiskSender(
                SampleDisk.full(content, sizeBytes),
                source.sender(StreamId.disk(index)),
                DiskSenderSettings.oneOf(1, false),
                (offset, blocks) -> known.learn(index, offset, blocks),
                runner::fail);
        source.receive(StreamId.diskReturn(index), sender.returns());
        this.receiver =
                new DiskReceiver(copy, DiskReceiverSettings.withWindow(windowBytes), ticker::nanos, runner::fail);
        destination.receive(StreamId.disk(index), receiver);
        receiver.start(runner.threads());
        receiver.tellContent(destination.sender(StreamId.diskReturn(index)), runner.threads());
    }

    /** From the first byte to the last, as in a migration: copy, writes beside it, the pause. */
    void play() throws StorageException, IOException, InterruptedException {
        var unused = runner.start(sender::copy);
        ByteBuffer write = ByteBuffer.allocate(WRITE_BYTES);
        for (int index = 0; index < WRITES; index++) {
            // In front of the mover, behind it, and where it is.
            long offset = copy.sizeBytes() / WRITES * index;
            write.clear();
            content.fill(offset, write);
            sender.written(offset, write.flip());
        }
        sender.awaitInSync();
        receiver.awaitApplied(sender.finish());
        receiver.flush();
        copy.requireWhole();
    }

    long receivedBytes() {
        return receiver.appliedBytes();
    }

    boolean readBack(long offset, ByteBuffer into) throws IOException {
        return receiver.readBack(offset, into);
    }

    /** Ends its threads. Idempotent. */
    void stop() {
        sender.stop();
        receiver.stop();
    }
}
