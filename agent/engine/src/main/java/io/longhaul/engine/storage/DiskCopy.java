package io.longhaul.engine.storage;

import io.longhaul.engine.storage.Flights.Flight;
import io.longhaul.engine.transport.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the mover, the mirror and the acknowledgements of one disk know in common. Thread safe: a monitor whose methods
 * are short, do no input or output and call nobody, so the mirror may enter it while the guest waits.
 *
 * <p>Who is to send a frame first lets its regions <i>depart</i> here, which gives its {@link Span}, then hands it to
 * the stream outside the monitor, and then says {@link #handed} or {@link #refused}.
 */
final class DiskCopy {
    /** A frame of zeros costs nothing on the wire; its regions are counted one by one, within the monitor. */
    static final long ZEROES_LIMIT_BYTES = 64L << 20;

    /**
     * Regions that have something in flight or waiting, each with an object: some 6 MiB. Far more than data in a window
     * can touch; zeros, which cost nothing on the wire, could touch a terabyte, and wait for acknowledgements instead.
     */
    static final int ACTIVITIES_LIMIT = 1 << 16;

    private final RegionMap map;
    private final DiskSenderSettings settings;
    private final Map<Integer, Activity> activities = new HashMap<>();
    private final Set<Integer> ready = new LinkedHashSet<>();
    private final ToldContent told;
    private final Flights flights = new Flights();
    private long pendingBytes;
    private long frames;
    private long sentBytes;
    private long barrier;
    private int generation;
    /** Spans that have departed, and are not handed to the stream yet: it may make the mover wait. */
    private int handing;

    private long handingBytes;
    private long changes;
    private int coldCursor;
    private int hotCursor;
    private long matchedBytes;
    private @Nullable StorageException end;

    /** A region that has frames of this generation in flight, or writes that wait. */
    private static final class Activity {
        private int framesInFlight;
        private @Nullable PendingWrites pending;
    }

    /** Writes that waited, with a span for each piece. */
    record Outgoing(List<Span> spans, List<PendingWrites.Piece> pieces) {}

    /** A run of regions taken by the mover. */
    record Run(int first, int count) {}

    DiskCopy(long sizeBytes, DiskSenderSettings settings) {
        this.map = new RegionMap(sizeBytes, !settings.destinationTells());
        this.told = new ToldContent(map, !settings.destinationTells(), this, this::changed);
        this.settings = settings;
    }

    /** The map's measures, which never change; its states are only read in here. */
    RegionMap measures() {
        return map;
    }

    /** What the destination tells of its disk, under the same monitor. */
    ToldContent told() {
        return told;
    }

    /** The region to take next, cold ones first; -1 where there is none that may be taken now. */
    synchronized int nextWaiting() {
        if (activities.size() >= ACTIVITIES_LIMIT) {
            return -1;
        }
        int cold = map.nextWaiting(coldCursor, false, this::isIdle);
        return cold >= 0 ? cold : map.nextWaiting(hotCursor, true, this::isIdle);
    }

    /** Takes regions to COPYING, from this one, which {@link #nextWaiting} gave to the same thread. */
    synchronized Run take(int first, int limit) {
        boolean hot = map.hot(first);
        int end = Math.min(map.count(), first + limit);
        int region = first;
        while (region < end && map.isWaiting(region, hot) && isIdle(region)) {
            map.take(region);
            region++;
        }
        if (hot) {
            hotCursor = region;
        } else {
            coldCursor = region;
        }
        return new Run(first, region - first);
    }

    /** Regions that were taken and not read. */
    synchronized void putBack(int first, int count) {
        for (int region = first; region < first + count; region++) {
            if (map.state(region) == RegionState.COPYING) {
                dropPending(region);
                map.putBack(region);
            }
        }
        if (count > 0) {
            coldCursor = Math.min(coldCursor, first);
            hotCursor = Math.min(hotCursor, first);
        }
    }

    /**
     * Taken regions have been read and found to be zeros, or not. Those the guest sent back meanwhile stay behind.
     *
     * @return what must be sent: zeros need not where nothing else ever was
     */
    synchronized List<Span> depart(int first, int count, boolean zero) {
        SpanCollector collector = collector(zero);
        for (int region = first; region < first + count; region++) {
            if (map.state(region) != RegionState.COPYING) {
                continue;
            }
            map.copied(region);
            told.forget(region);
            if (zero && !map.soiled(region)) {
                settle(region);
                continue;
            }
            collectDeparting(collector, region, map.offsetOf(region), map.offsetOf(region) + map.lengthOf(region));
            if (!zero) {
                map.soil(region);
            }
        }
        changed();
        return departing(collector);
    }

    /** Taken regions have been read and found equal to what the destination holds. */
    synchronized void matched(int first, int count) {
        for (int region = first; region < first + count; region++) {
            if (map.state(region) == RegionState.COPYING) {
                map.copied(region);
                matchedBytes += map.lengthOf(region);
                told.forget(region);
                settle(region);
            }
        }
        changed();
    }

    /** Writes that waited for an acknowledgement which has come; null where there are none. */
    synchronized @Nullable Outgoing takePending() {
        while (!ready.isEmpty()) {
            Integer region = ready.iterator().next();
            ready.remove(region);
            Activity activity = activities.get(region);
            if (activity == null || activity.pending == null || activity.framesInFlight > 0) {
                continue;
            }
            List<PendingWrites.Piece> pieces = activity.pending.pieces();
            dropPending(region);
            map.soil(region);
            List<Span> spans = new ArrayList<>();
            for (PendingWrites.Piece piece : pieces) {
                long offset = map.offsetOf(region) + piece.offset();
                spans.add(new Span(region, 1, offset, piece.bytes().remaining(), barrier, generation));
            }
            activity.framesInFlight = spans.size();
            beginHanding(spans);
            return new Outgoing(spans, pieces);
        }
        return null;
    }

    /** The guest wrote. Returns what is to be sent at once; the rest is remembered, or left to the mover. */
    synchronized List<Span> written(long offset, ByteBuffer data) {
        SpanCollector collector = collector(false);
        long end = offset + data.remaining();
        for (long from = offset; from < end && this.end == null; ) {
            int region = RegionMap.regionOf(from);
            long to = Math.min(end, map.offsetOf(region) + map.lengthOf(region));
            if (map.state(region) == RegionState.COPIED && isIdle(region)) {
                collectDeparting(collector, region, from, to);
                map.soil(region);
            } else if (map.state(region) != RegionState.NOT_COPIED) {
                ByteBuffer part = data.slice(data.position() + (int) (from - offset), (int) (to - from));
                remember(region, (int) (from - map.offsetOf(region)), part);
            }
            from = to;
        }
        return departing(collector);
    }

    /** The guest made a range zeros. As {@link #written}. */
    synchronized List<Span> zeroed(long offset, long lengthBytes) {
        SpanCollector collector = collector(true);
        long end = offset + lengthBytes;
        for (long from = offset; from < end && this.end == null; ) {
            int region = RegionMap.regionOf(from);
            long to = Math.min(end, map.offsetOf(region) + map.lengthOf(region));
            boolean idle = isIdle(region);
            if (map.state(region) == RegionState.COPIED && idle) {
                if (map.soiled(region) && activities.size() >= ACTIVITIES_LIMIT) {
                    sendBack(region);
                } else if (map.soiled(region)) {
                    collectDeparting(collector, region, from, to);
                }
            } else if (map.state(region) != RegionState.NOT_COPIED) {
                sendBack(region);
            }
            from = to;
        }
        return departing(collector);
    }

    /** The range may hold anything now: only the disk knows. */
    synchronized void discarded(long offset, long lengthBytes) {
        if (lengthBytes == 0 || end != null) {
            return;
        }
        int last = RegionMap.regionOf(offset + lengthBytes - 1);
        for (int region = RegionMap.regionOf(offset); region <= last; region++) {
            if (map.state(region) != RegionState.NOT_COPIED) {
                sendBack(region);
            }
        }
    }

    /** The stream took the frame. */
    synchronized void handed(long number, Flight flight) {
        endHanding(flight.span());
        frames++;
        sentBytes += flight.payloadBytes();
        if (flights.start(number, flight)) {
            landed(flight);
        }
        changed();
    }

    /** The stream had no room for what the guest wrote: it waits here for the mover, or the region goes back. */
    synchronized void refused(Span span, @Nullable ByteBuffer bytes) {
        endHanding(span);
        for (int region = span.first(); region < span.first() + span.count(); region++) {
            Activity activity = activities.get(region);
            if (activity == null) {
                continue;
            }
            activity.framesInFlight--;
            if (map.state(region) == RegionState.COPIED) {
                boolean newerWaits = activity.pending != null;
                if (bytes == null || newerWaits) {
                    sendBack(region);
                } else {
                    rememberRefused(region, span, bytes);
                }
            }
            settle(region);
        }
        changed();
    }

    /** The far side has written the frame. */
    synchronized void acknowledged(long number) {
        Flight flight = flights.end(number, handing > 0);
        if (flight != null) {
            landed(flight);
            changed();
        }
    }

    /**
     * Lets every region be sent once more without waiting for acknowledgements: what is sent from now on is applied
     * after everything sent before.
     */
    synchronized void openGeneration() throws InterruptedException {
        while (handing > 0 && end == null) {
            wait();
        }
        barrier = frames;
        generation++;
        for (Iterator<Map.Entry<Integer, Activity>> all = activities.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Integer, Activity> entry = all.next();
            entry.getValue().framesInFlight = 0;
            if (entry.getValue().pending == null) {
                all.remove();
            } else if (map.state(entry.getKey()) == RegionState.COPIED) {
                ready.add(entry.getKey());
            }
        }
    }

    /** Whether anything is left that has not been handed to the stream. */
    synchronized boolean hasUnsent() {
        return map.unsettledBytes() > 0 || pendingBytes > 0 || handing > 0;
    }

    synchronized long remainingBytes() {
        return map.unsettledBytes() + pendingBytes + handingBytes + flights.bytes();
    }

    synchronized boolean isInSync() {
        return remainingBytes() <= settings.inSyncBytes();
    }

    synchronized DiskCounters counters() {
        return new DiskCounters(
                map.sizeBytes(), map.doneBytes(), remainingBytes(), sentBytes, matchedBytes, frames, map.returns());
    }

    synchronized long frames() {
        return frames;
    }

    synchronized long pendingBytes() {
        return pendingBytes;
    }

    /** Ends everything: nothing is remembered any more. Only the first reason counts. */
    synchronized boolean end(StorageException reason) {
        if (end != null) {
            return false;
        }
        end = reason;
        activities.clear();
        ready.clear();
        told.clear();
        pendingBytes = 0;
        changed();
        return true;
    }

    synchronized boolean ended() {
        return end != null;
    }

    synchronized void throwIfEnded() throws StorageException {
        if (end != null) {
            throw new StorageException(end.code(), String.valueOf(end.getMessage()), end);
        }
    }

    /** Grows with everything that may be news to a waiting thread. */
    synchronized long changes() {
        return changes;
    }

    /** Waits until something changed since {@link #changes} gave this number. */
    synchronized void awaitChange(long seen) throws InterruptedException {
        while (changes == seen && end == null) {
            wait();
        }
    }

    synchronized void changed() {
        changes++;
        notifyAll();
    }

    private SpanCollector collector(boolean zero) {
        return new SpanCollector(zero ? ZEROES_LIMIT_BYTES : Frame.PAYLOAD_LIMIT_BYTES, barrier, generation);
    }

    private void collectDeparting(SpanCollector collector, int region, long from, long to) {
        activities.computeIfAbsent(region, any -> new Activity()).framesInFlight++;
        collector.add(region, from, to);
    }

    private List<Span> departing(SpanCollector collector) {
        List<Span> spans = collector.collected();
        beginHanding(spans);
        return spans;
    }

    private void beginHanding(List<Span> spans) {
        handing += spans.size();
        spans.forEach(span -> handingBytes += span.lengthBytes());
    }

    private void endHanding(Span span) {
        handing--;
        handingBytes -= span.lengthBytes();
    }

    private boolean isIdle(int region) {
        return !activities.containsKey(region);
    }

    private void remember(int region, int offset, ByteBuffer part) {
        Activity activity = activities.computeIfAbsent(region, any -> new Activity());
        PendingWrites pending = activity.pending;
        if (pending == null) {
            int capacity = map.lengthOf(region);
            if (pendingBytes + capacity > settings.pendingLimitBytes()) {
                sendBack(region);
                return;
            }
            pending = new PendingWrites(region, capacity);
            activity.pending = pending;
            pendingBytes += capacity;
        }
        if (!pending.lay(offset, part)) {
            sendBack(region);
        }
    }

    private void rememberRefused(int region, Span span, ByteBuffer bytes) {
        long from = Math.max(span.offset(), map.offsetOf(region));
        long to = Math.min(span.offset() + span.lengthBytes(), map.offsetOf(region) + map.lengthOf(region));
        ByteBuffer part = bytes.slice((int) (from - span.offset()), (int) (to - from));
        remember(region, (int) (from - map.offsetOf(region)), part);
    }

    private void sendBack(int region) {
        dropPending(region);
        map.sendBack(region);
        Activity activity = activities.get(region);
        if (activity != null && activity.framesInFlight == 0) {
            activities.remove(region);
        }
        changed();
    }

    private void dropPending(int region) {
        Activity activity = activities.get(region);
        if (activity != null && activity.pending != null) {
            pendingBytes -= activity.pending.capacityBytes();
            activity.pending = null;
            ready.remove(region);
        }
        if (activity != null && activity.framesInFlight == 0 && map.state(region) == RegionState.COPYING) {
            activities.remove(region);
        }
    }

    private void landed(Flight flight) {
        Span span = flight.span();
        if (flight.buffer() != null) {
            flight.buffer().release();
        }
        for (int region = span.first(); region < span.first() + span.count(); region++) {
            Activity activity = activities.get(region);
            if (activity != null && span.generation() == generation) {
                activity.framesInFlight--;
            }
            settle(region);
        }
    }

    /** Sees what follows once a region has nothing of this generation in flight. */
    private void settle(int region) {
        Activity activity = activities.get(region);
        if (activity != null && activity.framesInFlight > 0) {
            return;
        }
        boolean copied = map.state(region) == RegionState.COPIED;
        if (activity != null && activity.pending != null) {
            if (copied) {
                ready.add(region);
            }
            return;
        }
        activities.remove(region);
        if (copied) {
            map.done(region);
        }
    }
}
