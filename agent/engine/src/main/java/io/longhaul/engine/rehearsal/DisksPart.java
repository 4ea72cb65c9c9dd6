package io.longhaul.engine.rehearsal;

import io.longhaul.engine.memory.ContentIndex;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The disks of a rehearsal, one after the other on a thread of the runner. Thread safe. */
final class DisksPart {
    /** Content of 256 MiB: disks are much shorter, and what they hold repeats. */
    private static final int KNOWN_BLOCKS = 16 * 1024;

    private final PartRunner runner;
    private final SampleContent content;
    private final RehearsalSettings settings;
    private final Ticker ticker;
    private final Link source;
    private final Link destination;
    private final long windowBytes;
    private final ContentIndex known = new ContentIndex(KNOWN_BLOCKS);
    private CompletableFuture<@Nullable Void> ended = CompletableFuture.completedFuture(null);
    private volatile boolean last;
    private volatile boolean stopped;
    private volatile long receivedBytes;
    private volatile int index;
    private volatile @Nullable DiskPart current;

    DisksPart(
            PartRunner runner,
            SampleContent content,
            RehearsalSettings settings,
            Ticker ticker,
            Link source,
            Link destination,
            long windowBytes) {
        this.runner = runner;
        this.content = content;
        this.settings = settings;
        this.ticker = ticker;
        this.source = source;
        this.destination = destination;
        this.windowBytes = windowBytes;
    }

    ContentIndex known() {
        return known;
    }

    void start() {
        ended = runner.start(this::play);
    }

    private void play() throws StorageException, IOException, InterruptedException {
        // One at least, however soon the end comes, unless it is to be at once.
        for (int next = 0; next < StreamId.DISKS_LIMIT && !stopped && (next == 0 || !last); next++) {
            DiskPart disk = new DiskPart(
                    runner, content, settings.diskBytes(), next, ticker, source, destination, windowBytes, known);
            index = next;
            current = disk;
            try {
                // Whoever stopped this before `current` was set found nothing to stop.
                if (!stopped && !runner.isStopped()) {
                    disk.play();
                }
            } finally {
                receivedBytes += disk.receivedBytes();
                current = null;
                disk.stop();
            }
        }
    }

    long receivedBytes() {
        DiskPart disk = current;
        return receivedBytes + (disk == null ? 0 : disk.receivedBytes());
    }

    /** For references: only the disk that is being copied can be read, so that some are refused as well. */
    void read(int diskIndex, long offset, ByteBuffer into) throws IOException {
        DiskPart disk = current;
        if (disk == null || diskIndex != index || !disk.readBack(offset, into)) {
            throw new IOException("disk " + diskIndex + " is not there any more");
        }
    }

    /** Ends with the disk that is under way. */
    void finish() throws InterruptedException {
        last = true;
        runner.awaitEndOf(ended);
    }

    /** Ends the thread at once. Idempotent. */
    void stop() {
        stopped = true;
        DiskPart disk = current;
        if (disk != null) {
            disk.stop();
        }
    }
}
