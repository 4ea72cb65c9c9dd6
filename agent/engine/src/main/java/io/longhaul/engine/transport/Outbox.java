package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything this side is to write: senders and receivers put in, the connections' writers take out. Thread safe: one
 * lock, never held while anything else is called.
 *
 * <p>Bounded by the windows. Bulk frames go to whichever writer comes first; acknowledgements, heartbeats and the
 * control stream go to the urgent connection's writer.
 */
final class Outbox {
    /** Small frames are written together up to this size: one system call, and little queued on a slow connection. */
    static final int BATCH_BYTES = 64 * 1024;

    private static final int STREAMS_LIMIT = 256;
    /** An eighth of the window: a sender at full speed hears of room long before it has none. */
    private static final int URGENT_ACK_DIVISOR = 8;

    private final Ticker ticker;
    private final LinkSettings.Windows windows;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition bulkReady = lock.newCondition();
    private final Condition urgentReady = lock.newCondition();
    private final Condition acknowledged = lock.newCondition();

    private final @Nullable OutgoingStream[] streams = new OutgoingStream[STREAMS_LIMIT];
    private final WindowBudget diskBudget;
    private final FairQueue bulk = new FairQueue();
    private final FairQueue control = new FairQueue();
    private final AckBatch acks;
    private boolean pingWanted;
    private Urgent.@Nullable Answer answer;
    private Urgent.@Nullable Ending ending;
    private @Nullable String endReason;

    /** @param windows what may be on the way to the peer */
    Outbox(Ticker ticker, LinkSettings.Windows windows) {
        this.ticker = ticker;
        this.windows = windows;
        this.diskBudget = new WindowBudget(windows.diskBytes());
        this.acks = new AckBatch(windows.diskBytes() / URGENT_ACK_DIVISOR, ticker.nanos());
    }

    OutgoingStream open(Link.StreamId stream) {
        lock.lock();
        try {
            if (streams[stream.number()] != null) {
                throw new IllegalStateException(stream + " has a sender already");
            }
            OutgoingStream opened = new OutgoingStream(
                    this, stream.number(), new SendWindow(budgetOf(stream.number()), windows.frames()));
            streams[stream.number()] = opened;
            return opened;
        } finally {
            lock.unlock();
        }
    }

    long send(OutgoingStream stream, Frame frame) throws LinkException, InterruptedException {
        int bytes = FrameCodec.HEADER_BYTES + frame.payload().remaining();
        lock.lockInterruptibly();
        try {
            failIfEnded();
            while (!stream.window().hasRoomFor(bytes)) {
                acknowledged.await();
                failIfEnded();
            }
            return queue(stream, frame, bytes);
        } finally {
            lock.unlock();
        }
    }

    OptionalLong trySend(OutgoingStream stream, Frame frame) {
        int bytes = FrameCodec.HEADER_BYTES + frame.payload().remaining();
        lock.lock();
        try {
            if (endReason != null || !stream.window().hasRoomFor(bytes)) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(queue(stream, frame, bytes));
        } finally {
            lock.unlock();
        }
    }

    long unacknowledgedBytes(OutgoingStream stream) {
        lock.lock();
        try {
            return stream.window().unacknowledgedBytes();
        } finally {
            lock.unlock();
        }
    }

    void awaitAcknowledged(OutgoingStream stream) throws LinkException, InterruptedException {
        lock.lockInterruptibly();
        try {
            long sent = stream.window().next();
            while (stream.window().oldest() < sent) {
                failIfEnded();
                acknowledged.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Frees the window, then tells the stream's listener. */
    void onAcks(List<AckRange> ranges) throws WireViolationException {
        List<OutgoingStream> owners = new ArrayList<>(ranges.size());
        lock.lock();
        try {
            for (AckRange range : ranges) {
                OutgoingStream stream = streams[range.stream()];
                if (stream == null) {
                    throw new WireViolationException(
                            "stream " + range.stream() + " was acknowledged, nothing was sent");
                }
                stream.window().acknowledge(range.first(), range.count());
                owners.add(stream);
            }
            acknowledged.signalAll();
        } finally {
            lock.unlock();
        }
        for (int index = 0; index < ranges.size(); index++) {
            notifyOwner(owners.get(index).listener(), ranges.get(index));
        }
    }

    void acknowledge(int stream, long number, int bytes) {
        lock.lock();
        try {
            boolean wasEmpty = acks.isEmpty();
            acks.add(stream, number, bytes);
            if (wasEmpty || acks.nanosUntilDue(ticker.nanos()) <= 0) {
                urgentReady.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void ping() {
        lock.lock();
        try {
            pingWanted = true;
            urgentReady.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A ping not answered yet is forgotten for a newer one. */
    void answer(Urgent.Answer pong) {
        lock.lock();
        try {
            answer = pong;
            urgentReady.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends sending: senders fail with the reason, bulk writers get nothing more.
     *
     * @param lastWords what to tell the peer, after acknowledgements and, where it is closed on purpose, the control
     *     frames that wait; null for nothing
     */
    void end(String reason, Urgent.@Nullable Ending lastWords) {
        lock.lock();
        try {
            endReason = reason;
            ending = lastWords;
            bulk.clear();
            if (lastWords == null || !lastWords.closed()) {
                control.clear();
            }
            bulkReady.signalAll();
            urgentReady.signalAll();
            acknowledged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for bulk frames and moves some into the batch; leaves it empty after the idle time.
     *
     * @return false where the link has ended
     */
    boolean takeBulk(List<OutgoingFrame> batch, long idleNanos) throws InterruptedException {
        long deadline = ticker.nanos() + idleNanos;
        lock.lockInterruptibly();
        try {
            while (endReason == null && bulk.isEmpty()) {
                long left = deadline - ticker.nanos();
                if (left <= 0) {
                    return true;
                }
                awaitAtMost(bulkReady, left);
            }
            drain(bulk, batch);
            return endReason == null;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something urgent; an empty one after the idle time, null where the link has ended without words. */
    @Nullable
    Urgent takeUrgent(long idleNanos) throws InterruptedException {
        long deadline = ticker.nanos() + idleNanos;
        lock.lockInterruptibly();
        try {
            long wait = nanosUntilUrgent(deadline);
            while (wait > 0) {
                awaitAtMost(urgentReady, wait);
                wait = nanosUntilUrgent(deadline);
            }
            if (endReason != null && ending == null) {
                return null;
            }
            return takeUrgentNow();
        } finally {
            lock.unlock();
        }
    }

    private Urgent takeUrgentNow() {
        List<OutgoingFrame> frames = new ArrayList<>();
        drain(control, frames);
        boolean last = acks.isEmpty() && control.isEmpty() && frames.isEmpty();
        Urgent urgent = new Urgent(acks.drain(ticker.nanos()), pingWanted, answer, frames, last ? ending : null);
        pingWanted = false;
        answer = null;
        return urgent;
    }

    private long nanosUntilUrgent(long deadlineNanos) {
        if (endReason != null || pingWanted || answer != null || !control.isEmpty()) {
            return 0;
        }
        long now = ticker.nanos();
        return Math.min(deadlineNanos - now, acks.nanosUntilDue(now));
    }

    private long queue(OutgoingStream stream, Frame frame, int bytes) {
        long number = stream.window().queue(bytes);
        OutgoingFrame queued = OutgoingFrame.of(stream.number(), number, frame);
        if (stream.number() == Link.StreamId.CONTROL.number()
                || stream.number() == Link.StreamId.MEMORY_RETURN.number()) {
            control.add(queued);
            urgentReady.signal();
        } else {
            bulk.add(queued);
            bulkReady.signal();
        }
        return number;
    }

    /** One frame of any size, and small ones as long as they fit the batch. */
    private void drain(FairQueue queue, List<OutgoingFrame> batch) {
        int room = Integer.MAX_VALUE;
        OutgoingFrame frame = queue.poll(room);
        int batched = 0;
        while (frame != null) {
            OutgoingStream stream = streams[frame.stream()];
            if (stream != null) {
                stream.window().handOut(frame.header().number());
            }
            batch.add(frame);
            batched += frame.wireBytes();
            frame = queue.poll(BATCH_BYTES - batched);
        }
    }

    private WindowBudget budgetOf(int stream) {
        if (stream == Link.StreamId.CONTROL.number() || stream == Link.StreamId.MEMORY_RETURN.number()) {
            return new WindowBudget(windows.controlBytes());
        }
        return stream == Link.StreamId.MEMORY.number() ? new WindowBudget(windows.memoryBytes()) : diskBudget;
    }

    private void failIfEnded() throws LinkException {
        if (endReason != null) {
            throw new LinkException(endReason);
        }
    }

    /** Why it woke up does not matter: callers look at what there is. */
    private static void awaitAtMost(Condition condition, long nanos) throws InterruptedException {
        long unused = condition.awaitNanos(nanos);
    }

    private static void notifyOwner(@Nullable LongConsumer listener, AckRange range) {
        if (listener == null) {
            return;
        }
        for (long number = range.first(); number < range.first() + range.count(); number++) {
            listener.accept(number);
        }
    }
}
