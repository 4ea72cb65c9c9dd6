package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.TimeUnit;

/**
 * Carries the hypervisor's memory stream into the link: page by page where it understands the stream (see
 * {@link PageSender}), as it is where it does not. {@link #pump} belongs to one thread; the rest is thread safe.
 *
 * <p>It takes bytes from the hypervisor no faster than the link drains them, also those it holds back, so the hypervisor's
 * own forecast of the downtime sees the link as it is. Worst case of memory: 64 MiB of pages, 16 MiB of history, 2 MiB of
 * buffers and tables, besides what the stream's window holds.
 */
public final class MemorySender implements FrameReceiver {
    /** Bytes of the stream that are passed on as they are travel in pieces of at most this. */
    public static final int CHUNK_BYTES = 128 * 1024;

    private final FrameOutput output;
    private final RevisionClock clock;
    private final PageSender pages;
    private final QemuStreamReader reader;
    private volatile MemoryCounters counters;

    /** @param stream the memory stream; ordered, so an acknowledged frame tells that all before it arrived */
    public MemorySender(StreamSender stream, MemorySenderSettings settings, MemoryPorts ports) {
        this.output = new FrameOutput(stream, settings.bufferedBytes(), ports.ticker());
        this.clock = new RevisionClock(
                TimeUnit.MICROSECONDS.toMillis(ports.ticker().wallMicros()),
                ports.ticker().nanos());
        this.pages = new PageSender(output, settings, ports, clock);
        this.reader = new QemuStreamReader(pages);
        this.counters = pages.counters();
    }

    /**
     * Until the hypervisor has written everything.
     *
     * @return frames sent, the end's included
     * @throws IOException where the hypervisor's stream broke, or the destination answered what cannot be
     */
    public long pump(ReadableByteChannel memory) throws IOException, LinkException, InterruptedException {
        while (reader.readFrom(memory)) {
            pages.beforeWaiting();
            counters = pages.counters();
        }
        reader.end();
        pages.flush();
        counters = pages.counters();
        return output.send(MemoryFrames.END, ByteBuffer.allocate(0), 0);
    }

    /** Ends the waits in {@link #pump}, but for those for the hypervisor and the window. Idempotent; any thread. */
    public void stop() {
        output.stop();
    }

    /** The return stream's frames, where references are made. */
    @Override
    public void onFrame(long number, Frame frame, Runnable consumed) {
        pages.onVerdict(frame);
        consumed.run();
    }

    /**
     * Each change of the policy while it runs is a new {@code features} of the revision.
     *
     * @param bufferedBytes how much may now be sent and not acknowledged
     */
    public void policyChanged(long bufferedBytes) {
        output.limitBuffered(bufferedBytes);
        clock.policyChanged();
    }

    /** Bytes put on the memory stream, before any compression by the link. */
    public long sentBytes() {
        return output.position();
    }

    /** Of these, what the destination's hypervisor has taken. Never falls. */
    public long acknowledgedBytes() {
        return output.acknowledgedBytes();
    }

    /** As the hypervisor counts its stream; 0 until it was measured. */
    public long drainBytesPerSecond() {
        return output.drainBytesPerSecond();
    }

    /**
     * What will have to cross the link at the pause besides what the hypervisor itself still has. Pages held back that come
     * again in every round are among the latter.
     */
    public long heldBackBytes() {
        return pages.quietHeldBytes() + pages.unconfirmedBytes();
    }

    /** What the round that is under way has brought so far, as the hypervisor counts what remains. */
    public long roundBytes() {
        return pages.roundBytes();
    }

    /** As of the last bytes that the hypervisor gave. */
    public MemoryCounters counters() {
        return counters;
    }
}
