package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link over established connections. Thread safe. Each connection has a reading and a writing thread; one more thread,
 * the pulse, keeps the heartbeat, watches for silence, and takes everything down when the link has ended.
 *
 * <pre>
 *  StreamSender --> Outbox --+--> bulk writers ---- N connections ---> readers --> Inbox --> FrameReceiver
 *                      ^     '--> urgent writer --- 1 connection ----> reader  --> acks, heartbeats, control stream
 *                      '---------------- acknowledgements of consumed frames <------- Inbox
 * </pre>
 */
final class TcpLink implements Link {
    private static final Logger LOG = LoggerFactory.getLogger(TcpLink.class);

    /** The rate is sampled and silence looked for this often in a heartbeat. */
    private static final int PULSES_PER_HEARTBEAT = 4;
    /**
     * How long to wait for the peer's last words on the urgent connection when another one ends, and for the peer to
     * take ours: some round trips of the longest distance.
     */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final String name;
    private final LinkSettings settings;
    private final LinkEnvironment environment;
    private final Ticker ticker;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Outbox outbox;
    private final Inbox inbox;
    private final RateLimiter limiter;
    private final ClockEstimator clock = new ClockEstimator();
    private final RateMeter rate;
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private final TransportCounters counters;

    private final AtomicReference<@Nullable LinkEnd> end = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch urgentReaderDone = new CountDownLatch(1);
    private final CountDownLatch takenDown = new CountDownLatch(1);
    private final List<Consumer<LinkEnd>> endListeners = new ArrayList<>();
    private boolean endAnnounced;
    private volatile boolean waitsForPeer;

    /**
     * @param channels authenticated; the first is the urgent one. They are closed with the link
     * @param peerWindows what the peer is ready to hold
     */
    TcpLink(
            String name,
            List<SocketChannel> channels,
            LinkSettings.Windows peerWindows,
            LinkSettings settings,
            LinkEnvironment environment,
            TransportCounters counters)
            throws IOException {
        this.name = name;
        this.settings = settings;
        this.environment = environment;
        this.counters = counters;
        this.ticker = environment.ticker();
        this.outbox = new Outbox(ticker, settings.windows().smaller(peerWindows));
        this.inbox = new Inbox(outbox, settings.windows());
        this.limiter = new RateLimiter(ticker);
        this.rate = new RateMeter(ticker.nanos());
        for (int index = 0; index < channels.size(); index++) {
            lanes.add(new Lane(channels.get(index), index, channels.size(), ticker));
        }
    }

    /** Once, before the link is given to anyone. */
    void start() {
        for (int index = 0; index < lanes.size(); index++) {
            Lane lane = lanes.get(index);
            boolean urgent = index == 0;
            threads.add(environment.newThread(name + "-writer-" + index, () -> write(lane, urgent)));
            threads.add(environment.newThread(name + "-reader-" + index, () -> read(lane, urgent)));
        }
        Thread pulse = environment.newThread(name + "-pulse", this::pulse);
        threads.add(pulse);
        threads.forEach(Thread::start);
    }

    @Override
    public StreamSender sender(StreamId stream) {
        checkNumber(stream);
        return outbox.open(stream);
    }

    @Override
    public void receive(StreamId stream, FrameReceiver receiver) {
        checkNumber(stream);
        inbox.receive(stream, receiver);
    }

    @Override
    public void limitRate(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a rate is 0 or more, not " + bytesPerSecond);
        }
        limiter.limit(bytesPerSecond);
    }

    @Override
    public LinkStatistics statistics() {
        return new LinkStatistics(
                bytesSent.sum(), bytesReceived.sum(), rate.perSecond(), clock.roundTripMillis(), clock.offsetMillis());
    }

    @Override
    public void onEnd(Consumer<LinkEnd> listener) {
        synchronized (endListeners) {
            if (!endAnnounced) {
                endListeners.add(listener);
                return;
            }
        }
        LinkEnd reason = end.get();
        if (reason != null) {
            listener.accept(reason);
        }
    }

    /** Waits until the threads and sockets are gone, except on a thread of the link itself. */
    @Override
    public void close() {
        end(new LinkEnd(true, "closed"), new Urgent.Ending(true, "closed"));
        if (threads.contains(Thread.currentThread())) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        while (takenDown.getCount() > 0) {
            try {
                takenDown.await();
            } catch (InterruptedException waitsOn) {
                // The end is bounded by FAREWELL; leaving threads behind would be worse than coming late.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Lane lane, boolean urgent) {
        LaneWriter writer = new LaneWriter(
                lane, limiter, bytesSent, outbox, settings.heartbeat().toNanos());
        try {
            if (urgent) {
                writer.writeUrgent(new Source());
            } else {
                writer.writeBulk();
            }
        } catch (IOException broken) {
            lose(lane, true, broken.getMessage());
        } catch (InterruptedException stopped) {
            fail(lane + ": its writing thread was interrupted");
        } catch (RuntimeException bug) {
            LOG.error("{}: writing to {} failed", name, lane, bug);
            fail(lane + ": " + bug);
        }
    }

    private void read(Lane lane, boolean urgent) {
        try {
            FrameReader reader = lane.reader(bytesReceived);
            FrameReader.Received received = reader.read();
            while (received != null) {
                dispatch(received);
                received = reader.read();
            }
            lose(lane, !urgent, "closed by the peer without a word");
        } catch (WireViolationException violation) {
            violated(lane, violation);
        } catch (IOException broken) {
            lose(lane, !urgent, broken.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("{}: a receiver failed with a frame from {}", name, lane, bug);
            fail(lane + ": a receiver failed: " + bug);
        } finally {
            if (urgent) {
                urgentReaderDone.countDown();
            }
        }
    }

    private void dispatch(FrameReader.Received received) throws WireViolationException {
        FrameHeader header = received.header();
        switch (header.type()) {
            case DATA -> {
                if (end.get() == null) {
                    inbox.onFrame(header, header.withPayload(received.payload()));
                }
            }
            case ACK -> outbox.onAcks(FrameCodec.decodeAcks(received.payload()));
            case PING -> outbox.answer(new Urgent.Answer(header.number(), ticker.wallMicros()));
            case PONG -> clock.receivePong(header.number(), header.position(), header.extent(), ticker.nanos());
            case ALIVE -> {
                // Its bytes were noted by the lane; it has nothing else.
            }
            case END -> endedByPeer(header.kind(), FrameCodec.decodeReason(received.payload()));
        }
    }

    private void endedByPeer(int kind, String reason) {
        boolean closed = kind == FrameCodec.END_CLOSED;
        end(new LinkEnd(closed, (closed ? "closed by the peer" : "the peer ended it: " + reason)), null);
    }

    private void violated(Lane lane, WireViolationException violation) {
        if (end.get() == null) {
            counters.onBadFrame();
            LOG.warn("{}: {} on {}; the link ends", name, violation.getMessage(), lane);
        }
        fail(lane + ": " + violation.getMessage());
    }

    /** @param wordsMayCome whether the peer's last words may still be on their way: only the urgent reader knows not */
    private void lose(Lane lane, boolean wordsMayCome, @Nullable String why) {
        try {
            if (wordsMayCome && ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        fail(lane + " is lost: " + why);
    }

    private void fail(String reason) {
        end(new LinkEnd(false, reason), new Urgent.Ending(false, reason));
    }

    private void end(LinkEnd reason, Urgent.@Nullable Ending lastWords) {
        if (!end.compareAndSet(null, reason)) {
            return;
        }
        waitsForPeer = lastWords != null;
        outbox.end("the link has ended: " + reason.reason(), lastWords);
        limiter.release();
        ended.countDown();
    }

    private void pulse() {
        try {
            long pulseNanos = settings.heartbeat().toNanos() / PULSES_PER_HEARTBEAT;
            int pulses = 0;
            while (!ended.await(pulses == 0 ? 0 : pulseNanos, TimeUnit.NANOSECONDS)) {
                long now = ticker.nanos();
                rate.sample(bytesSent.sum(), now);
                if (pulses % PULSES_PER_HEARTBEAT == 0) {
                    outbox.ping();
                }
                pulses++;
                failIfSilent(now);
            }
            announceEnd();
            if (waitsForPeer) {
                boolean unused = urgentReaderDone.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException stopped) {
            fail("the pulse of the link was interrupted");
            announceEnd();
        }
        takeDown();
    }

    private void failIfSilent(long nowNanos) {
        for (Lane lane : lanes) {
            if (lane.silentNanos(nowNanos) > settings.peerTimeout().toNanos()) {
                fail(lane + " was silent for more than "
                        + settings.peerTimeout().toSeconds() + " s");
            }
        }
    }

    private void announceEnd() {
        List<Consumer<LinkEnd>> listeners;
        synchronized (endListeners) {
            endAnnounced = true;
            listeners = List.copyOf(endListeners);
            endListeners.clear();
        }
        LinkEnd reason = end.get();
        LOG.info("{} ended: {}", name, reason);
        for (Consumer<LinkEnd> listener : listeners) {
            try {
                if (reason != null) {
                    listener.accept(reason);
                }
            } catch (RuntimeException bug) {
                LOG.error("{}: a listener failed at the end", name, bug);
            }
        }
    }

    private void takeDown() {
        lanes.forEach(Lane::close);
        for (Thread thread : threads) {
            if (thread != Thread.currentThread()) {
                join(thread);
            }
        }
        takenDown.countDown();
    }

    /** The threads end by themselves once their sockets are closed; only a receiver that blocks can hold one. */
    private void join(Thread thread) {
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(FAREWELL.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(FAREWELL.toMillis());
            }
        } catch (InterruptedException stopped) {
            interrupted = true;
        }
        if (thread.isAlive()) {
            LOG.error("{}: thread {} does not end; a receiver blocks it", name, thread.getName());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void checkNumber(StreamId stream) {
        if (stream.number() < 0 || stream.number() > 255) {
            throw new IllegalArgumentException("a stream's number is 0 to 255: " + stream);
        }
    }

    private final class Source implements LaneWriter.UrgentSource {
        @Override
        public FrameHeader ping() {
            return FrameHeader.ofPing(clock.sendPing(ticker.nanos(), ticker.wallMicros()));
        }

        @Override
        public FrameHeader pong(Urgent.Answer answer) {
            return FrameHeader.ofPong(answer.number(), answer.receivedWallMicros(), ticker.wallMicros());
        }

        @Override
        public void onAcksLeave(List<AckRange> acks) {
            inbox.release(acks);
        }
    }
}
