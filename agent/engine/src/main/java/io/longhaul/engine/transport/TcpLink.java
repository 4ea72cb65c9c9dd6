package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link over proven connections, which come and go. Thread safe. Each connection has a reading and a writing thread; one
 * more thread, the pulse, keeps the heartbeat, watches for silence and impatience, tells of outages, and takes everything
 * down when the link has ended.
 *
 * <pre>
 *  StreamSender --> Outbox --+--> bulk writers ---- N connections ---> readers --> Inbox --> FrameReceiver
 *                      ^     '--> urgent writer --- 1 connection ----> reader  --> acks, heartbeats, control stream
 *                      '---------------- acknowledgements of consumed frames <------- Inbox
 * </pre>
 *
 * <p>After a loss the side that had frames on the lost connection ASKs on the urgent one what has come, and the other
 * answers HELD: what is missing goes again, over any connection. Where the urgent one itself is lost, both ask as soon as
 * there is a new one, for acknowledgements were lost with it.
 */
final class TcpLink implements Link {
    private static final Logger LOG = LoggerFactory.getLogger(TcpLink.class);

    /** The rate is sampled and silence looked for this often in a heartbeat. */
    private static final int PULSES_PER_HEARTBEAT = 4;
    /** How long to wait for the peer's last words when writing fails, and for the peer to take ours. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);
    /** A connection silent for so many round trips is lost; with loss and full queues one may take two. */
    private static final int SILENT_ROUND_TRIPS = 4;

    private final String name;
    private final LinkSettings settings;
    private final Ticker ticker;
    private final Lanes lanes;
    private final LinkThreads threads;
    private final Outbox outbox;
    private final PayloadBuffers payloads = PayloadBuffers.SHARED;
    private final Inbox inbox;
    private final RateLimiter limiter;
    private final Pace pace;
    private final CompressionPolicy compression;
    private final ClockEstimator clock = new ClockEstimator();
    private final RateMeter rate;
    private final LinkCounters link = new LinkCounters();
    private final TransportCounters counters;
    private final OutageWatch outage;
    private final ViolationLimit violations = new ViolationLimit();
    private final AtomicLong nextLaneId = new AtomicLong();
    private volatile Redial redial = Redial.NOTHING;

    /** Guards that no connection joins a link that is taken down. */
    private final Object joining = new Object();

    private boolean takingDown;

    private final AtomicReference<@Nullable LinkEnd> end = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch takenDown = new CountDownLatch(1);
    private final Semaphore pulseWanted = new Semaphore(0);
    private final EndListeners endListeners;
    private volatile boolean waitsForPeer;

    /**
     * @param peerWindows what the peer is ready to hold
     * @param places for connections, the urgent one included
     */
    TcpLink(
            String name,
            int places,
            LinkSettings.Windows peerWindows,
            LinkSettings settings,
            LinkEnvironment environment,
            TransportCounters counters) {
        this.name = name;
        this.settings = settings;
        this.counters = counters;
        this.ticker = environment.ticker();
        this.lanes = new Lanes(places);
        this.endListeners = new EndListeners(name);
        this.threads = new LinkThreads(name, environment);
        this.outbox = new Outbox(ticker, settings.windows().smaller(peerWindows));
        this.inbox = new Inbox(outbox, payloads, settings.windows(), counters);
        this.limiter = new RateLimiter(ticker);
        this.pace = new Pace(limiter, environment.sharedLimiter());
        this.compression = new CompressionPolicy(settings.compression(), ticker.nanos());
        this.rate = new RateMeter(ticker.nanos());
        this.outage = new OutageWatch(settings.patience());
    }

    /** Once, before the link is given to anyone. */
    void start(Redial how) {
        redial = how;
        threads.start("pulse", this::pulse);
    }

    /**
     * Takes in a connection that has proved itself.
     *
     * @param roundTripNanos as its handshake measured it
     * @return false where the link has ended or a newer one was there; it is the caller's then
     */
    boolean join(Connection connection, int index, int opening, long roundTripNanos) {
        Lane lane = new Lane(connection, index, opening, nextLaneId.incrementAndGet(), lanes.places(), ticker);
        Lanes.Put put;
        synchronized (joining) {
            if (takingDown || end.get() != null) {
                return false;
            }
            put = lanes.put(lane);
            if (!put.accepted()) {
                return false;
            }
            clock.startWith(roundTripNanos, ticker.nanos());
            Lane replaced = put.replaced();
            if (replaced != null) {
                forsake(replaced);
            }
            threads.start("writer-" + index, () -> write(lane));
            threads.start("reader-" + index, () -> read(lane));
        }
        if (put.again()) {
            link.reconnects.increment();
            LOG.info("{}: {} is there again", name, lane);
        }
        noteDistance();
        endOutageIfUsable();
        return true;
    }

    private void noteDistance() {
        outbox.onDistance(clock.shortestRoundTripNanos(), Math.max(1, lanes.count() - 1));
    }

    /** Runs work for the link that ends when {@link #awaitEnd} says so. */
    void startThread(String what, Runnable work) {
        synchronized (joining) {
            if (!takingDown) {
                threads.start(what, work);
            }
        }
    }

    /** @return true where the link has ended within the time */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** The peer does not take connections of this link any more. */
    void refused(String reason) {
        fail(reason);
    }

    boolean isConnected(int index) {
        return lanes.isOpen(index);
    }

    double roundTripMillis() {
        return clock.roundTripMillis();
    }

    @Override
    public StreamSender sender(StreamId stream) {
        return outbox.open(stream);
    }

    @Override
    public void receive(StreamId stream, FrameReceiver receiver) {
        inbox.receive(stream, receiver);
    }

    @Override
    public void limitRate(long bytesPerSecond) {
        limiter.limit(bytesPerSecond);
    }

    @Override
    public void patience(Duration longest) {
        if (longest.isNegative()) {
            throw new IllegalArgumentException("patience must be zero or more, not " + longest);
        }
        outage.patience(longest);
        endIfImpatient();
    }

    @Override
    public LinkStatistics statistics() {
        return new LinkStatistics(
                link.bytesSent.sum(),
                link.bytesReceived.sum(),
                rate.perSecond(),
                clock.roundTripMillis(),
                clock.offsetMillis(),
                lanes.count(),
                new Resilience(outbox.bytesResent(), link.reconnects.sum(), outage.begun()),
                link.compression());
    }

    @Override
    public void onEnd(Consumer<LinkEnd> listener) {
        endListeners.add(listener);
    }

    @Override
    public void onOutage(Consumer<LinkOutage> listener) {
        outage.listen(listener);
    }

    /** Waits until the threads and sockets are gone, except on a thread of the link itself. */
    @Override
    public void close() {
        end(new LinkEnd(true, "closed"), new Urgent.Ending(true, "closed"));
        if (threads.includeThis()) {
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

    private void write(Lane lane) {
        try (PayloadCompressor compressor = new PayloadCompressor(compression, counters, link, ticker)) {
            LaneWriter writer = new LaneWriter(
                    lane,
                    lane.writer(pace, link.bytesSent, compression),
                    outbox,
                    compressor,
                    settings.heartbeat().toNanos());
            if (lane.isUrgent()) {
                writer.writeUrgent(new Source());
            } else {
                writer.writeBulk();
            }
        } catch (IOException broken) {
            awaitLastWords(lane);
            lose(lane, "is lost: " + Sockets.reasonOf(broken));
        } catch (InterruptedException stopped) {
            fail(lane + ": its writing thread was interrupted");
        } catch (RuntimeException | Error bug) {
            LOG.error("{}: writing to {} failed", name, lane, bug);
            fail(lane + ": " + bug);
        }
    }

    /** What the peer has sent before it hung up is not lost with a write that fails. */
    private static void awaitLastWords(Lane lane) {
        try {
            lane.awaitReadToTheEnd(FAREWELL.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(Lane lane) {
        try {
            FrameReader reader = lane.reader(payloads, link.bytesReceived);
            FrameReader.Received received = reader.read();
            while (received != null) {
                dispatch(received);
                received = reader.read();
            }
            lose(lane, "is lost: closed by the peer without a word");
        } catch (WireViolationException violation) {
            violated(lane, violation);
        } catch (IOException broken) {
            lose(lane, "is lost: " + Sockets.reasonOf(broken));
        } catch (RuntimeException | Error bug) {
            LOG.error("{}: a receiver failed with a frame from {}", name, lane, bug);
            fail(lane + ": a receiver failed: " + bug);
        } finally {
            lane.readToTheEnd();
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
            case PONG -> {
                clock.receivePong(header.number(), header.position(), header.extent(), ticker.nanos());
                noteDistance();
            }
            case ALIVE -> {
                // Its bytes were noted by the lane; it has nothing else.
            }
            case END -> endedByPeer(header.kind(), FrameCodec.decodeReason(received.payload()));
            case ASK -> outbox.answerHeld(header.number());
            case HELD ->
                outbox.onHeld(
                        FrameCodec.decodeHeld(received.payload()),
                        header.number(),
                        header.kind() == FrameCodec.HELD_LAST);
        }
    }

    private void endedByPeer(int kind, String reason) {
        switch (kind) {
            case FrameCodec.END_CLOSED -> end(new LinkEnd(true, "closed by the peer"), null);
            case FrameCodec.END_REFUSED -> end(new LinkEnd(false, "the peer refuses it: " + reason), null);
            default -> end(new LinkEnd(false, "the peer ended it: " + reason), null);
        }
    }

    private void violated(Lane lane, WireViolationException violation) {
        if (end.get() != null) {
            return;
        }
        counters.onBadFrame();
        boolean tooMany = violations.add(ticker.nanos());
        LOG.warn("{}: {} on {}; {}", name, violation.getMessage(), lane, tooMany ? "the link ends" : "it is dropped");
        String what = ": " + violation.getMessage();
        if (tooMany) {
            fail(lane + what + "; more than " + ViolationLimit.LIMIT + " such within a minute");
        } else {
            lose(lane, what);
        }
    }

    private void lose(Lane lane, String why) {
        boolean wanted;
        synchronized (joining) {
            if (end.get() != null || !lanes.remove(lane)) {
                return;
            }
            forsake(lane);
            wanted = !lanes.areUsable();
        }
        String reason = lane + (why.startsWith(":") ? why : " " + why);
        LOG.info("{}: {}", name, reason);
        if (wanted && outage.begin(reason, ticker.nanos())) {
            LOG.warn("{}: an outage begins: {}", name, reason);
            pulseWanted.release();
        }
        endIfImpatient();
        // One that was lost as soon as it was there is no reason to hurry.
        boolean livedLong =
                lane.ageNanos(ticker.nanos()) > settings.peerTimeout().toNanos();
        redial.wanted(lane.index(), livedLong);
    }

    private void forsake(Lane lane) {
        lane.lose();
        outbox.onLost(lane.id(), lane.isUrgent());
        outbox.wakeWriters();
    }

    private void endOutageIfUsable() {
        if (!lanes.areUsable()) {
            return;
        }
        LinkOutage over = outage.end(ticker.nanos());
        if (over != null) {
            LOG.warn("{}: the outage is over after {} ms", name, over.lasted().toMillis());
            pulseWanted.release();
        }
    }

    private void endIfImpatient() {
        String reason = outage.expired(ticker.nanos());
        if (reason != null) {
            fail(reason);
        }
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
        pulseWanted.release();
    }

    private void pulse() {
        try {
            long pulseNanos = settings.heartbeat().toNanos() / PULSES_PER_HEARTBEAT;
            // A pulse that comes late says that this process stood still, not the peer: the readers get to read first.
            long lastPulseNanos = ticker.nanos();
            long lastPingNanos = lastPulseNanos - settings.heartbeat().toNanos();
            while (end.get() == null) {
                long now = ticker.nanos();
                if (now - lastPingNanos >= settings.heartbeat().toNanos()) {
                    outbox.ping();
                    lastPingNanos = now;
                }
                keepAlive(now, now - lastPulseNanos < settings.peerTimeout().toNanos() / 2);
                lastPulseNanos = now;
                outage.tell();
                boolean unused = pulseWanted.tryAcquire(pulseNanos, TimeUnit.NANOSECONDS);
            }
            outage.tell();
            endListeners.announce(end.get());
            Lane urgent = lanes.urgent();
            if (waitsForPeer && urgent != null) {
                urgent.awaitReadToTheEnd(FAREWELL.toMillis());
            }
        } catch (InterruptedException stopped) {
            fail("the pulse of the link was interrupted");
            endListeners.announce(end.get());
        } catch (RuntimeException | Error bug) {
            LOG.error("{}: a listener failed", name, bug);
            fail("a listener of the link failed: " + bug);
            endListeners.announce(end.get());
        }
        takeDown();
    }

    private void keepAlive(long nowNanos, boolean inTime) {
        rate.sample(link.bytesSent.sum(), nowNanos);
        if (inTime) {
            loseSilentLanes(nowNanos);
        }
        endIfImpatient();
        redial.abortOlderThan(deadNanos());
        int needed =
                ConnectionNeed.of(clock.shortestRoundTripNanos(), outbox.bytesConsumedPerSecond(), lanes.places() - 1);
        for (int index = Lane.URGENT; index <= needed; index++) {
            if (!lanes.isOpen(index)) {
                redial.wanted(index, false);
            }
        }
    }

    private void loseSilentLanes(long nowNanos) {
        long limitNanos = deadNanos();
        for (Lane lane : lanes.all()) {
            if (lane.silentNanos(nowNanos) > limitNanos) {
                lose(lane, "was silent for more than " + limitNanos / 1_000_000 + " ms");
            }
        }
    }

    private long deadNanos() {
        double roundTripMillis = clock.roundTripMillis();
        long roundTripNanos = Double.isNaN(roundTripMillis) ? 0 : (long) (roundTripMillis * 1e6);
        return Math.max(settings.peerTimeout().toNanos(), SILENT_ROUND_TRIPS * roundTripNanos);
    }

    private void takeDown() {
        synchronized (joining) {
            takingDown = true;
        }
        redial.abortOlderThan(0);
        lanes.all().forEach(Lane::close);
        threads.joinOthers(FAREWELL.toMillis());
        takenDown.countDown();
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
        public List<HeldRange> held() {
            return inbox.held();
        }

        @Override
        public void onAcksLeave(List<AckRange> acks) {
            inbox.release(acks);
        }
    }
}
