package io.longhaul.engine.memory;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.PeerViolationException;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of the memory stream's frames (see {@link MemoryFrames}) a stream that the waiting hypervisor understands. Frames
 * arrive on the link's threads; {@link #pump} belongs to one thread.
 *
 * <p>Holds no more than the stream's window, since a frame is acknowledged only when the hypervisor has its pages, and
 * 512 KiB of buffers, and 8 MiB of pages that were looked up ahead of their turn (see {@link ReferenceLookups}).
 */
public final class MemoryReceiver implements FrameReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryReceiver.class);

    private static final Arrival LAST =
            new Arrival(Frame.withoutPayload(MemoryFrames.END, 0, 0), Optional.empty(), () -> {});

    /** A look-up waits for the hypervisor's disk most of its time. */
    private static final int LOOKUP_THREADS = 4;

    private final ReferenceLookups references;
    private final Optional<ExecutorService> lookupThreads;
    private final Ticker ticker;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private volatile long receivedFrames;
    private volatile boolean stopped;
    private volatile Optional<StreamSender> answers = Optional.empty();
    private Optional<SectionWriter> sections = Optional.empty();
    private long position;

    /** Without disks to read from: every reference is refused. */
    public MemoryReceiver() {
        this((disk, offset, into) -> {
            throw new IOException("no disks to read from");
        });
    }

    /** Looks references up when their turn comes, on the receiver's thread. */
    public MemoryReceiver(ContentReader content) {
        this.references = new ReferenceLookups(content, Runnable::run);
        this.lookupThreads = Optional.empty();
        this.ticker = Ticker.system();
    }

    /**
     * Looks references up as they arrive, on threads of its own, which end with {@link #stop}.
     *
     * @param content thread safe
     */
    public MemoryReceiver(ContentReader content, ThreadFactory threads, Ticker ticker) {
        ExecutorService pool = Executors.newFixedThreadPool(LOOKUP_THREADS, threads);
        this.references = new ReferenceLookups(content, pool);
        this.lookupThreads = Optional.of(pool);
        this.ticker = ticker;
    }

    /** Where to answer references, before the first frame comes. */
    public void answerOn(StreamSender returnStream) {
        answers = Optional.of(returnStream);
    }

    @Override
    public void onFrame(long number, Frame frame, Runnable consumed) {
        receivedFrames = number + 1;
        arrivals.add(new Arrival(frame, lookUpEarly(frame), consumed));
    }

    private Optional<FutureTask<ReferenceLookups.Result>> lookUpEarly(Frame frame) {
        if (lookupThreads.isEmpty() || frame.kind() != MemoryFrames.REFERENCES || stopped) {
            return Optional.empty();
        }
        return Optional.of(references.begin(frame));
    }

    /**
     * Until the end of the stream has been written and the channel closed, or {@link #stop}.
     *
     * @throws PeerViolationException where the source sent what cannot be
     * @throws IOException where the hypervisor's socket broke
     */
    public void pump(WritableByteChannel memory) throws IOException, InterruptedException {
        while (true) {
            Arrival arrival = arrivals.take();
            if (stopped) {
                return;
            }
            boolean more = accept(arrival, memory);
            arrival.consumed().run();
            if (!more) {
                return;
            }
        }
    }

    /** False where it was the last one. */
    boolean accept(Frame frame, WritableByteChannel memory) throws IOException, InterruptedException {
        return accept(new Arrival(frame, Optional.empty(), () -> {}), memory);
    }

    private boolean accept(Arrival arrival, WritableByteChannel memory) throws IOException, InterruptedException {
        Frame frame = arrival.frame();
        if (frame.position() != position) {
            throw new PeerViolationException(
                    "The memory stream has a gap: a frame at offset " + frame.position(), "one at offset " + position);
        }
        position += frame.payload().remaining();
        if (frame.kind() == MemoryFrames.END) {
            memory.close();
            return false;
        }
        apply(arrival, frame.payload().duplicate(), memory);
        return true;
    }

    private void apply(Arrival arrival, ByteBuffer payload, WritableByteChannel memory)
            throws IOException, InterruptedException {
        int kind = arrival.frame().kind();
        switch (kind) {
            case MemoryFrames.BYTES -> {
                while (payload.hasRemaining()) {
                    memory.write(payload);
                }
            }
            case MemoryFrames.LAYOUT -> {
                if (sections.isPresent()) {
                    throw new PeerViolationException("A second layout of the memory", "one, before all pages");
                }
                sections = Optional.of(new SectionWriter(RamLayout.decode(payload), memory));
            }
            case MemoryFrames.PAGES -> applyPages(payload, sections());
            case MemoryFrames.REFERENCES -> applyReferences(arrival, payload, sections());
            default ->
                throw new PeerViolationException("Unknown kind of frame in the memory stream: " + kind, "1 to 5");
        }
    }

    private SectionWriter sections() throws IOException {
        return sections.orElseThrow(
                () -> new PeerViolationException("Pages before the layout of the memory", "the layout first"));
    }

    private static void applyPages(ByteBuffer table, SectionWriter writer) throws IOException {
        int runs = table.remaining() < Integer.BYTES ? -1 : table.getInt();
        if (runs < 0 || runs > table.remaining() / MemoryFrames.RUN_BYTES) {
            throw new PeerViolationException(
                    "A frame of " + runs + " runs of pages in " + table.remaining() + " bytes",
                    MemoryFrames.RUN_BYTES + " bytes for each run");
        }
        ByteBuffer body = table.slice(
                table.position() + runs * MemoryFrames.RUN_BYTES, table.remaining() - runs * MemoryFrames.RUN_BYTES);
        writer.begin();
        for (int run = 0; run < runs; run++) {
            applyRun(table, body, writer);
        }
        if (body.hasRemaining()) {
            throw new PeerViolationException(
                    "A frame of pages with " + body.remaining() + " bytes too many",
                    QemuStream.PAGE_BYTES + " bytes for each page of its full runs");
        }
        writer.end();
    }

    private static void applyRun(ByteBuffer table, ByteBuffer body, SectionWriter writer) throws IOException {
        int kind = table.get();
        int block = table.getShort() & 0xFFFF;
        long first = table.getLong();
        int count = table.getInt();
        writer.require(block, first, count);
        switch (kind) {
            case MemoryFrames.RUN_ZERO -> {
                for (int index = 0; index < count; index++) {
                    writer.zeroPage(block, first + index);
                }
            }
            case MemoryFrames.RUN_FULL -> {
                if (count > body.remaining() / QemuStream.PAGE_BYTES) {
                    throw new PeerViolationException(
                            "A run of " + count + " pages with " + body.remaining() + " bytes left",
                            QemuStream.PAGE_BYTES + " bytes for each page");
                }
                for (int index = 0; index < count; index++) {
                    writer.page(block, first + index, body);
                }
            }
            default ->
                throw new PeerViolationException(
                        "Unknown kind of run of pages: " + kind,
                        MemoryFrames.RUN_ZERO + " for zeros or " + MemoryFrames.RUN_FULL + " for full ones");
        }
    }

    private void applyReferences(Arrival arrival, ByteBuffer payload, SectionWriter writer)
            throws IOException, InterruptedException {
        long beforeNanos = ticker.nanos();
        ReferenceLookups.Result result =
                references.take(arrival.lookup().orElseGet(() -> references.begin(arrival.frame())));
        long waitedMicros = TimeUnit.NANOSECONDS.toMicros(ticker.nanos() - beforeNanos);
        for (ReferenceReader.Reference reference : result.asked()) {
            writer.require(reference.block(), reference.page(), 1);
        }
        writer.begin();
        for (ReferenceLookups.FoundPage found : result.found()) {
            writer.page(found.block(), found.page(), ByteBuffer.wrap(found.content()));
        }
        writer.end();
        answer(verdict(payload.getInt(), waitedMicros, result.refused()));
    }

    private static ByteBuffer verdict(int sequence, long waitedMicros, BitSet refused) {
        ByteBuffer verdict =
                ByteBuffer.allocate(MemoryFrames.VERDICT_HEADER_BYTES + refused.cardinality() * Short.BYTES);
        verdict.putInt(sequence)
                .putInt((int) Math.min(waitedMicros, Integer.MAX_VALUE))
                .putShort((short) refused.cardinality());
        refused.stream().forEach(index -> verdict.putShort((short) index));
        return verdict.flip();
    }

    private void answer(ByteBuffer verdict) throws IOException, InterruptedException {
        StreamSender stream =
                answers.orElseThrow(() -> new IOException("References, where there is no stream to answer on"));
        try {
            stream.send(new Frame(MemoryFrames.VERDICT, 0, verdict.remaining(), verdict));
        } catch (LinkException e) {
            // What is here is applied to its end without the link: the GRANT may have come already.
            LOG.debug("A verdict was not sent: {}", e.toString());
        }
    }

    /** Frames that have arrived so far, in order and without gaps. */
    public long receivedFrames() {
        return receivedFrames;
    }

    /** Ends {@link #pump} where it waits for frames; what arrives later is not acknowledged. Idempotent; any thread. */
    public void stop() {
        stopped = true;
        arrivals.add(LAST);
        // Those that were not begun have somebody who waits for them.
        lookupThreads.ifPresent(
                threads -> threads.shutdownNow().forEach(lookup -> ((FutureTask<?>) lookup).cancel(false)));
    }

    /** @param lookup of references, where it was begun */
    private record Arrival(Frame frame, Optional<FutureTask<ReferenceLookups.Result>> lookup, Runnable consumed) {}
}
