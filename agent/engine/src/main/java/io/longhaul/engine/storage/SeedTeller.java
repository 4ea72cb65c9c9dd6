package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the source what the destination's disk holds: zeros by what the disk knows of itself, all else by digests. Unless
 * the disk was found blank, nothing comes before this has ended. Owned by one thread, which calls {@link #step} again and
 * again; acknowledgements come on others.
 *
 * <p>Nothing waits for an answer. A disk that cannot be read is told of as far as it could be: the rest holds nothing of
 * use.
 */
final class SeedTeller {
    /**
     * Frames unacknowledged at the most: digests of 1 GiB, as much as is hashed within a second, in 256 KiB. A source
     * acknowledges what it has compared, so this is also what it must hold.
     */
    static final int FRAMES_LIMIT = 1024;

    private static final Logger log = LoggerFactory.getLogger(SeedTeller.class);

    private static final int RUN_REGIONS = Frame.PAYLOAD_LIMIT_BYTES / RegionMap.REGION_BYTES;
    /** Bounds the list of extents, and lets the first word leave soon. */
    private static final long STRETCH_BYTES = 256L << 20;

    private final DiskReader disk;
    private final StreamSender stream;
    private final boolean blank;
    private final long sizeBytes;
    private final int regions;
    private final SeedDigest digest = new SeedDigest();
    private final Deque<Extent> extents = new ArrayDeque<>();
    private final Object lock = new Object();
    private RunBuffers.@Nullable Lease lease;
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int next;
    private long askedUntil;
    private boolean ended;
    private int unacknowledged;
    private volatile boolean stopped;

    /** @param blank whether the disk is known to read as zeros, and is told of so without being looked at */
    SeedTeller(DiskReader disk, StreamSender stream, boolean blank) {
        this.disk = disk;
        this.stream = stream;
        this.blank = blank;
        this.sizeBytes = disk.sizeBytes();
        this.regions = (int) ((sizeBytes + RegionMap.REGION_BYTES - 1) / RegionMap.REGION_BYTES);
        stream.onAcknowledged(number -> acknowledged());
    }

    /** Tells everything, or as much as it can before the link ends. */
    void tell() {
        try {
            while (!ended && !stopped) {
                awaitRoom();
                step();
            }
        } catch (LinkException e) {
            // The link tells its end itself.
            log.debug("The source was not told all that the disk holds: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            giveBack();
        }
    }

    private void giveBack() {
        if (lease != null) {
            lease.release();
            lease = null;
            bytes = ByteBuffer.allocate(0);
        }
    }

    boolean hasRoom() {
        synchronized (lock) {
            return unacknowledged < FRAMES_LIMIT;
        }
    }

    boolean ended() {
        return ended;
    }

    /** Ends {@link #tell} after what it is at. Any thread. Idempotent. */
    void stop() {
        stopped = true;
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    /** Tells of one more run of regions. Only where there is room. */
    void step() throws LinkException, InterruptedException {
        if (next == regions) {
            end();
            return;
        }
        if (blank) {
            send(SeedFrames.blank(0, regions));
            next = regions;
            return;
        }
        try {
            tellNext();
        } catch (IOException e) {
            if (stopped) {
                return;
            }
            log.warn(
                    "What the disk holds from {} on cannot be read, so it is copied: {}", offsetOf(next), e.toString());
            end();
        }
    }

    private void end() throws LinkException, InterruptedException {
        ended = true;
        giveBack();
        send(SeedFrames.end());
    }

    private void tellNext() throws IOException, LinkException, InterruptedException {
        int blankEnd = blankFrom(next);
        if (blankEnd > next) {
            send(SeedFrames.blank(next, blankEnd - next));
            next = blankEnd;
            return;
        }
        int count = Math.min(RUN_REGIONS, regions - next);
        read(next, count);
        for (int region = next; region < next + count; ) {
            boolean zero = ZeroBytes.fill(regionOf(region));
            int end = region + 1;
            while (end < next + count && ZeroBytes.fill(regionOf(end)) == zero) {
                end++;
            }
            send(zero ? SeedFrames.blank(region, end - region) : digests(region, end));
            region = end;
        }
        next += count;
    }

    /** @return the region up to which, from this one on, the disk is known to read as zeros */
    private int blankFrom(int region) throws IOException {
        long offset = offsetOf(region);
        if (offset >= askedUntil) {
            askedUntil = Math.min(sizeBytes, offset + STRETCH_BYTES);
            extents.clear();
            extents.addAll(disk.extents(offset, askedUntil - offset));
        }
        while (!extents.isEmpty() && endOf(extents.getFirst()) <= offset) {
            extents.removeFirst();
        }
        long zeroUntil = offset;
        for (Extent extent : extents) {
            if (!extent.zero() || extent.offset() > zeroUntil) {
                break;
            }
            zeroUntil = endOf(extent);
        }
        return zeroUntil >= sizeBytes ? regions : RegionMap.regionOf(zeroUntil);
    }

    private void read(int first, int count) throws IOException {
        if (lease == null) {
            lease = RunBuffers.SHARED.take(Frame.PAYLOAD_LIMIT_BYTES);
            bytes = lease.buffer();
        }
        bytes.clear().limit((int) (Math.min(sizeBytes, offsetOf(first + count)) - offsetOf(first)));
        disk.read(offsetOf(first), bytes);
        bytes.flip();
    }

    private ByteBuffer regionOf(int region) {
        int start = (region - next) * RegionMap.REGION_BYTES;
        return bytes.slice(start, Math.min(RegionMap.REGION_BYTES, bytes.limit() - start));
    }

    private Frame digests(int first, int end) {
        ByteBuffer digests = ByteBuffer.allocate((end - first) * SeedFrames.DIGEST_BYTES);
        for (int region = first; region < end; region++) {
            digests.put(digest.of(regionOf(region)));
        }
        return SeedFrames.digests(first, end - first, digests.flip());
    }

    private void send(Frame frame) throws LinkException, InterruptedException {
        synchronized (lock) {
            unacknowledged++;
        }
        stream.send(frame);
    }

    private void acknowledged() {
        synchronized (lock) {
            unacknowledged--;
            lock.notifyAll();
        }
    }

    private void awaitRoom() throws InterruptedException {
        synchronized (lock) {
            while (!stopped && unacknowledged >= FRAMES_LIMIT) {
                lock.wait();
            }
        }
    }

    private static long offsetOf(int region) {
        return (long) region * RegionMap.REGION_BYTES;
    }

    private static long endOf(Extent extent) {
        return extent.offset() + extent.lengthBytes();
    }
}
