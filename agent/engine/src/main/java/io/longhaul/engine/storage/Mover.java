package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is NOT_COPIED and sends it, and sends what the guest wrote once it may. Owned by the mover's thread, which
 * calls {@link #step} again and again.
 */
final class Mover {
    private static final int RUN_REGIONS = Frame.PAYLOAD_LIMIT_BYTES / RegionMap.REGION_BYTES;
    /** Long, so that a hole of a terabyte is found in some thousands of questions; short, so that its answer is small. */
    private static final int LOOK_AHEAD_REGIONS = 4096;
    /** As many bytes at most as a run has, so that neither waiting writes nor runs starve each other. */
    private static final int PENDING_EACH_STEP = RUN_REGIONS;

    private final DiskCopy copy;
    private final RegionMap measures;
    private final DiskReader reader;
    private final StreamSender stream;
    private final SentBlocks sentBlocks;
    private final SeedDigest digest = new SeedDigest();
    /** Only a hint: zeros that came since are found by looking at the bytes. */
    private int dataFrom;

    private int dataEnd;

    /** What was found when a region was read. */
    private enum Finding {
        ZEROS,
        EQUAL,
        DIFFERENT
    }

    Mover(DiskCopy copy, DiskReader reader, StreamSender stream, SentBlocks sentBlocks) {
        this.copy = copy;
        this.measures = copy.measures();
        this.reader = reader;
        this.stream = stream;
        this.sentBlocks = sentBlocks;
    }

    /** @return false where there was nothing to do */
    boolean step() throws IOException, LinkException, InterruptedException {
        acknowledgeSeeds();
        boolean worked = false;
        for (int sent = 0; sent < PENDING_EACH_STEP && sendPending(); sent++) {
            worked = true;
        }
        int first = copy.nextWaiting();
        if (first < 0) {
            return worked;
        }
        if (first >= dataFrom && first < dataEnd) {
            DiskCopy.Run run = copy.take(first, Math.min(RUN_REGIONS, dataEnd - first));
            readAndSend(run.first(), run.count());
        } else {
            lookAhead(copy.take(first, LOOK_AHEAD_REGIONS));
        }
        return true;
    }

    private void acknowledgeSeeds() {
        for (Runnable seed = copy.told().takeAnswered();
                seed != null;
                seed = copy.told().takeAnswered()) {
            seed.run();
        }
    }

    private boolean sendPending() throws LinkException, InterruptedException {
        DiskCopy.Outgoing outgoing = copy.takePending();
        if (outgoing == null) {
            return false;
        }
        for (int i = 0; i < outgoing.spans().size(); i++) {
            Span span = outgoing.spans().get(i);
            ByteBuffer bytes = outgoing.pieces().get(i).bytes();
            if (ZeroBytes.fill(bytes)) {
                sendZeroes(span);
            } else {
                send(span, DiskFrames.data(span.offset(), span.barrier(), bytes), bytes.remaining(), null);
                sentBlocks.sentBytes(span.offset(), bytes);
            }
        }
        return true;
    }

    /** Settles all holes of the run, moves its first data, and leaves the rest of its data for the next steps. */
    private void lookAhead(DiskCopy.Run run) throws IOException, LinkException, InterruptedException {
        int end = run.first() + run.count();
        long lengthBytes = measures.lengthOf(run.first(), run.count());
        DiskCopy.Run toRead = new DiskCopy.Run(end, 0);
        int region = run.first();
        for (Extent extent : reader.extents(measures.offsetOf(run.first()), lengthBytes)) {
            int holeFirst = Math.max(region, firstWithin(extent));
            int holeEnd = Math.min(end, endWithin(extent));
            if (extent.zero() && holeFirst < holeEnd) {
                toRead = keepFirst(toRead, region, holeFirst);
                sendHole(holeFirst, holeEnd - holeFirst);
                region = holeEnd;
            }
        }
        toRead = keepFirst(toRead, region, end);
        dataFrom = run.first();
        dataEnd = end;
        readAndSend(toRead.first(), toRead.count());
    }

    /** Puts back the regions of this data but a run to read at once, where there is none yet. */
    private DiskCopy.Run keepFirst(DiskCopy.Run toRead, int from, int end) {
        if (toRead.count() > 0 || from == end) {
            copy.putBack(from, end - from);
            return toRead;
        }
        int count = Math.min(RUN_REGIONS, end - from);
        copy.putBack(from + count, end - from - count);
        return new DiskCopy.Run(from, count);
    }

    /** The first region that lies in the extent as a whole; one that does not is found to be zeros when it is read. */
    private static int firstWithin(Extent extent) {
        return (int) ((extent.offset() + RegionMap.REGION_BYTES - 1) / RegionMap.REGION_BYTES);
    }

    private int endWithin(Extent extent) {
        long end = extent.offset() + extent.lengthBytes();
        return end >= measures.sizeBytes() ? measures.count() : RegionMap.regionOf(end);
    }

    private void sendHole(int first, int count) throws LinkException, InterruptedException {
        for (Span span : copy.depart(first, count, true)) {
            sendZeroes(span);
        }
    }

    private void readAndSend(int first, int count) throws IOException, LinkException, InterruptedException {
        if (count == 0) {
            return;
        }
        RunBuffers.Lease lease = RunBuffers.SHARED.take((int) measures.lengthOf(first, count));
        ByteBuffer bytes = lease.buffer();
        reader.read(measures.offsetOf(first), bytes);
        bytes.flip();
        Finding[] findings = new Finding[count];
        for (int index = 0; index < count; index++) {
            findings[index] = find(first + index, regionOf(bytes, first, first + index));
        }
        for (int index = 0; index < count; ) {
            int next = index + 1;
            while (next < count && findings[next] == findings[index]) {
                next++;
            }
            settle(findings[index], first + index, next - index, new ReadRun(lease, measures.offsetOf(first)));
            index = next;
        }
        lease.release();
    }

    /** @param bufferOffset where in the disk the buffer begins */
    private record ReadRun(RunBuffers.Lease lease, long bufferOffset) {}

    private void settle(Finding finding, int first, int count, ReadRun read)
            throws LinkException, InterruptedException {
        switch (finding) {
            case ZEROS -> sendHole(first, count);
            case EQUAL -> {
                copy.matched(first, count);
                int start = (int) (measures.offsetOf(first) - read.bufferOffset());
                sentBlocks.sentBytes(
                        measures.offsetOf(first),
                        read.lease().buffer().slice(start, (int) measures.lengthOf(first, count)));
            }
            case DIFFERENT -> sendData(copy.depart(first, count, false), read.lease(), read.bufferOffset());
        }
    }

    private Finding find(int region, ByteBuffer bytes) {
        if (ZeroBytes.fill(bytes)) {
            return Finding.ZEROS;
        }
        ByteBuffer told = copy.told().digest(region);
        return told != null && told.equals(digest.of(bytes)) ? Finding.EQUAL : Finding.DIFFERENT;
    }

    private void sendData(List<Span> spans, RunBuffers.Lease lease, long bufferOffset)
            throws LinkException, InterruptedException {
        for (Span span : spans) {
            int length = (int) span.lengthBytes();
            ByteBuffer part = lease.buffer().slice((int) (span.offset() - bufferOffset), length);
            if (length < lease.buffer().capacity() / 4 * 3) {
                // Its own bytes, so that a short frame in flight does not keep a long buffer.
                ByteBuffer owned = ByteBuffer.allocate(length).put(0, part, 0, length);
                send(span, DiskFrames.data(span.offset(), span.barrier(), owned), length, null);
            } else {
                lease.hold();
                send(span, DiskFrames.data(span.offset(), span.barrier(), part), length, lease);
            }
            sentBlocks.sentBytes(span.offset(), part);
        }
    }

    private void sendZeroes(Span span) throws LinkException, InterruptedException {
        Frame frame = DiskFrames.zeroes(span.offset(), span.barrier(), span.lengthBytes());
        send(span, frame, Long.BYTES, null);
    }

    private void send(Span span, Frame frame, int payloadBytes, RunBuffers.@Nullable Lease lease)
            throws LinkException, InterruptedException {
        long number = stream.send(frame);
        copy.handed(number, new Flights.Flight(span, payloadBytes, lease));
    }

    private ByteBuffer regionOf(ByteBuffer bytes, int first, int region) {
        return bytes.slice((region - first) * RegionMap.REGION_BYTES, measures.lengthOf(region));
    }
}
