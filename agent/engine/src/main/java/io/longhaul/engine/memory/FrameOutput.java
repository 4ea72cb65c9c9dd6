package io.longhaul.engine.memory;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.PayloadBuffers;
import io.longhaul.engine.transport.StreamSender;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Puts frames on the memory stream, no faster than the link drains them, and knows how fast that is. Frames are sent by
 * one thread; acknowledgements come on the link's; all else is thread safe.
 */
final class FrameOutput {
    /** A wait is at most so long, so that a rate that was measured too low is corrected soon. */
    private static final long LONGEST_PACE_NANOS = 200_000_000;

    /** What the link may be behind before a page that is held back waits: shorter than a thread's turn costs more. */
    private static final long SLACK_NANOS = 5_000_000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final StreamSender stream;
    private long bufferedBytes;
    private final Ticker ticker;
    private final Deque<Sent> unacknowledged = new ArrayDeque<>();
    private final PayloadBuffers payloads;
    /** Of frames on the way. */
    private final Map<Long, ByteBuffer> onTheWay = new HashMap<>();
    /** Acknowledged before their sending was noted. */
    private final Set<Long> early = new HashSet<>();
    /** In the hypervisor's bytes. */
    private final DrainRate drainRate;
    /** In bytes of payload: a reference counts as what it is. */
    private final DrainRate payloadRate;

    private long position;
    private long costBytes;
    private long acknowledgedNumber = -1;
    private long acknowledgedBytes;
    private long busyUntilNanos;
    private boolean stopped;

    /** @param costBytes of all frames so far, in bytes as the hypervisor counts them */
    private record Sent(long number, long position, long costBytes) {}

    FrameOutput(StreamSender stream, long bufferedBytes, Ticker ticker) {
        this(stream, bufferedBytes, ticker, PayloadBuffers.SHARED);
    }

    FrameOutput(StreamSender stream, long bufferedBytes, Ticker ticker, PayloadBuffers payloads) {
        this.payloads = payloads;
        this.stream = stream;
        this.bufferedBytes = bufferedBytes;
        this.ticker = ticker;
        this.drainRate = new DrainRate(ticker.nanos());
        this.payloadRate = new DrainRate(ticker.nanos());
        this.busyUntilNanos = ticker.nanos();
        stream.onAcknowledged(this::acknowledged);
    }

    /** What payloads may be taken from: those that are sent go back there once they are acknowledged. */
    PayloadBuffers payloads() {
        return payloads;
    }

    /**
     * @param payload the output's from now on, in an array that nobody else has
     * @return the number of frames sent so far
     */
    long send(int kind, ByteBuffer payload, long cost) throws LinkException, InterruptedException {
        int bytes = payload.remaining();
        long before = ticker.nanos();
        awaitRoom();
        long number = stream.send(new Frame(kind, position(), bytes, payload));
        synchronized (this) {
            noteWait(before);
            position += bytes;
            costBytes += cost;
            unacknowledged.add(new Sent(number, position, costBytes));
            keepUntilAcknowledged(number, payload);
            occupy(cost);
            forgetAcknowledged();
        }
        return number + 1;
    }

    private void keepUntilAcknowledged(long number, ByteBuffer payload) {
        if (early.remove(number)) {
            payloads.giveBack(payload);
        } else if (!stopped) {
            onTheWay.put(number, payload);
        }
    }

    private void noteWait(long beforeNanos) {
        long now = ticker.nanos();
        if (now - beforeNanos > NANOS_PER_MILLI) {
            drainRate.waited();
            payloadRate.waited();
        } else if (unacknowledged.isEmpty()) {
            drainRate.resumed(now);
            payloadRate.resumed(now);
        }
    }

    /** From now on; any thread. */
    synchronized void limitBuffered(long bytes) {
        bufferedBytes = bytes;
        notifyAll();
    }

    private synchronized void awaitRoom() throws InterruptedException {
        while (stream.unacknowledgedBytes() >= bufferedBytes && !stopped) {
            wait();
        }
    }

    private synchronized void acknowledged(long number) {
        ByteBuffer payload = onTheWay.remove(number);
        if (payload != null) {
            payloads.giveBack(payload);
        } else if (!stopped) {
            early.add(number);
        }
        acknowledgedNumber = Math.max(acknowledgedNumber, number);
        forgetAcknowledged();
        notifyAll();
    }

    /** The stream is ordered, so an acknowledged frame tells that all before it arrived; it may do so before it is noted. */
    private void forgetAcknowledged() {
        Sent last = null;
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().number() <= acknowledgedNumber) {
            last = unacknowledged.removeFirst();
        }
        if (last != null) {
            acknowledgedBytes = last.position();
            long now = ticker.nanos();
            drainRate.drained(last.costBytes(), now);
            payloadRate.drained(last.position(), now);
        }
    }

    /**
     * Waits as long as the link would have been busy, had these bytes been sent: the hypervisor must not take the room
     * that held-back pages leave for bandwidth.
     */
    synchronized void pace(long bytes) throws InterruptedException {
        long waitNanos = nanosToWait(bytes);
        long before = ticker.nanos();
        long leftNanos = waitNanos;
        while (leftNanos > 0 && !stopped) {
            // Acknowledgements wake it early, hence the loop.
            wait(Math.max(1, leftNanos / NANOS_PER_MILLI));
            leftNanos = waitNanos - (ticker.nanos() - before);
        }
    }

    /** Counts the bytes as taken, and says for how long no more should be. */
    synchronized long nanosToWait(long bytes) {
        occupy(bytes);
        long nanos = busyUntilNanos - ticker.nanos();
        return nanos > SLACK_NANOS ? nanos : 0;
    }

    private void occupy(long bytes) {
        long now = ticker.nanos();
        busyUntilNanos = Math.max(busyUntilNanos, now) + drainRate.nanosFor(bytes);
        // What is sent is held up by the window already; it must not pile up to a debt of seconds here.
        busyUntilNanos = Math.min(busyUntilNanos, now + LONGEST_PACE_NANOS);
    }

    /** Ends all waiting, and keeps no payloads any more. Idempotent. */
    synchronized void stop() {
        stopped = true;
        onTheWay.clear();
        early.clear();
        notifyAll();
    }

    synchronized long position() {
        return position;
    }

    synchronized long acknowledgedBytes() {
        return acknowledgedBytes;
    }

    /** 0 until it was measured. */
    synchronized long drainBytesPerSecond() {
        return drainRate.perSecond();
    }

    /** How fast the far side takes pages in full; 0 until it was measured. */
    synchronized long payloadBytesPerSecond() {
        return payloadRate.perSecond();
    }
}
