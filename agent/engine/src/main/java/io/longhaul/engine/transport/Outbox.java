package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Everything this side is to write: senders and receivers put in, the connections' writers take out. Thread safe: one
 * lock, never held while anything else is called.
 *
 * <p>Bounded by the windows. Bulk frames go to whichever writer comes first; acknowledgements, heartbeats and the
 * control stream go to the urgent connection's writer. Frames are kept until they are acknowledged: what was handed to
 * a connection that is lost is in doubt until the peer has told what it has, and waits here again where it has not.
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
    /** Listeners hear one thread at a time. Taken without the other lock. */
    private final ReentrantLock telling = new ReentrantLock();

    private final @Nullable OutgoingStream[] streams = new OutgoingStream[STREAMS_LIMIT];
    private final List<OutgoingStream> opened = new ArrayList<>();
    private final WindowBudget controlBudget;
    private final WindowBudget memoryReturnBudget;
    private final WindowBudget memoryBudget;
    private final WindowBudget diskBudget;
    private final FairQueue bulk = new FairQueue();
    private final FairQueue control = new FairQueue();
    private final UrgentDesk urgent;
    private long bytesResent;
    private @Nullable String endReason;

    /** @param windows what may be on the way to the peer */
    Outbox(Ticker ticker, LinkSettings.Windows windows) {
        this.ticker = ticker;
        this.windows = windows;
        this.controlBudget = budget(windows.controlBytes());
        this.memoryReturnBudget = budget(windows.controlBytes());
        this.memoryBudget = budget(windows.memoryBytes());
        this.diskBudget = budget(windows.diskBytes());
        this.urgent = new UrgentDesk(new AckBatch(windows.memoryBytes() / URGENT_ACK_DIVISOR, ticker.nanos()));
    }

    OutgoingStream open(Link.StreamId stream) {
        lock.lock();
        try {
            if (streams[stream.number()] != null) {
                throw new IllegalStateException(stream + " has a sender already");
            }
            WindowBudget budget = budgetOf(stream.number());
            OutgoingStream added =
                    new OutgoingStream(this, stream.number(), new SendWindow(budget, windows.frames()), budget.flow());
            streams[stream.number()] = added;
            opened.add(added);
            return added;
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
                stream.flow().heldUp();
                acknowledged.await();
                failIfEnded();
            }
            return queue(stream, frame);
        } finally {
            lock.unlock();
        }
    }

    OptionalLong trySend(OutgoingStream stream, Frame frame) {
        int bytes = FrameCodec.HEADER_BYTES + frame.payload().remaining();
        lock.lock();
        try {
            if (endReason != null) {
                return OptionalLong.empty();
            }
            if (!stream.window().hasRoomFor(bytes)) {
                stream.flow().heldUp();
                return OptionalLong.empty();
            }
            return OptionalLong.of(queue(stream, frame));
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
        List<OutgoingFrame> done = new ArrayList<>();
        lock.lock();
        try {
            for (AckRange range : ranges) {
                known(range.stream()).window().acknowledge(range.first(), range.count(), done);
            }
            freed(done);
        } finally {
            lock.unlock();
            tell(done);
        }
    }

    /**
     * The peer has told what has come.
     *
     * @param question the one it answers
     * @param complete whether this was the last part of the answer
     */
    void onHeld(List<HeldRange> ranges, long question, boolean complete) throws WireViolationException {
        List<OutgoingFrame> done = new ArrayList<>();
        lock.lock();
        try {
            if (question > urgent.lastQuestion()) {
                throw new WireViolationException(
                        "question " + question + " was answered, the last one asked is " + urgent.lastQuestion());
            }
            for (HeldRange range : ranges) {
                SendWindow window = known(range.stream()).window();
                switch (range.standing()) {
                    case CONSUMED_BELOW -> window.acknowledgeBelow(range.first(), done);
                    case CONSUMED -> window.acknowledge(range.first(), range.count(), done);
                    case RECEIVED -> window.hold(range.first(), range.count());
                }
            }
            if (complete) {
                sendAgain(question);
            }
            freed(done);
        } finally {
            lock.unlock();
            tell(done);
        }
    }

    /** What was handed to a connection is in doubt from now on; its writer may still be at it. */
    void onLost(long lane, boolean wasUrgent) {
        lock.lock();
        try {
            boolean ask = wasUrgent;
            for (OutgoingStream stream : opened) {
                ask |= stream.window().doubt(lane, urgent.nextQuestion());
            }
            if (wasUrgent) {
                urgent.connectionLost();
            }
            if (ask) {
                long unused = urgent.wantQuestion();
                urgentReady.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void acknowledge(int stream, long number, int bytes) {
        lock.lock();
        try {
            AckBatch acks = urgent.acks();
            boolean wasEmpty = acks.isEmpty();
            acks.add(stream, number, bytes);
            if (wasEmpty || acks.nanosUntilDue(ticker.nanos()) <= 0) {
                urgentReady.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void ping() {
        lock.lock();
        try {
            urgent.ping();
            urgentReady.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A ping not answered yet is forgotten for a newer one. */
    void answer(Urgent.Answer pong) {
        lock.lock();
        try {
            urgent.answer(pong);
            urgentReady.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void answerHeld(long question) {
        lock.lock();
        try {
            urgent.answerHeld(question);
            urgentReady.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * @param roundTripNanos without what stands in queues
     * @param connections that carry streams
     */
    void onDistance(long roundTripNanos, int connections) {
        lock.lock();
        try {
            memoryBudget.flow().distance(roundTripNanos, connections);
            diskBudget.flow().distance(roundTripNanos, connections);
            acknowledged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Of memory and disks together, as they are consumed there; 0 before the first measurement. */
    double bytesConsumedPerSecond() {
        lock.lock();
        try {
            return memoryBudget.flow().bytesPerSecond() + diskBudget.flow().bytesPerSecond();
        } finally {
            lock.unlock();
        }
    }

    long bytesResent() {
        lock.lock();
        try {
            return bytesResent;
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
            urgent.end(lastWords);
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
     * Waits for bulk frames and moves some into the batch, whose frames before are written; leaves it empty after the
     * idle time.
     *
     * @return false where the link has ended or the connection is lost
     */
    boolean takeBulk(Lane lane, List<OutgoingFrame> batch, long idleNanos) throws InterruptedException {
        finish(batch);
        long deadline = ticker.nanos() + idleNanos;
        lock.lockInterruptibly();
        try {
            while (endReason == null && !lane.isLost() && bulk.isEmpty()) {
                long left = deadline - ticker.nanos();
                if (left <= 0) {
                    return true;
                }
                awaitAtMost(bulkReady, left);
            }
            if (endReason != null || lane.isLost()) {
                return false;
            }
            drain(bulk, lane, batch);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for something urgent; an empty one after the idle time, null where the link has ended without words or the
     * connection is lost.
     */
    @Nullable
    Urgent takeUrgent(Lane lane, long idleNanos) throws InterruptedException {
        long deadline = ticker.nanos() + idleNanos;
        lock.lockInterruptibly();
        try {
            long wait = nanosUntilUrgent(lane, deadline);
            while (wait > 0) {
                awaitAtMost(urgentReady, wait);
                wait = nanosUntilUrgent(lane, deadline);
            }
            if (lane.isLost() || (endReason != null && !urgent.hasEnding())) {
                return null;
            }
            List<OutgoingFrame> frames = new ArrayList<>();
            drain(control, lane, frames);
            return urgent.take(frames, control.isEmpty(), ticker.nanos());
        } finally {
            lock.unlock();
        }
    }

    /** These are written, or their connection is lost: their payloads are not read any more. Empties the list. */
    void finish(List<OutgoingFrame> written) {
        if (written.isEmpty()) {
            return;
        }
        List<OutgoingFrame> done = new ArrayList<>();
        lock.lock();
        try {
            for (OutgoingFrame frame : written) {
                OutgoingStream stream = streams[frame.stream()];
                if (stream != null) {
                    stream.window().finish(frame, done);
                }
            }
            freed(done);
        } finally {
            lock.unlock();
        }
        written.clear();
        tell(done);
    }

    /** Wakes the writers to look whether their connection is lost. */
    void wakeWriters() {
        lock.lock();
        try {
            bulkReady.signalAll();
            urgentReady.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long nanosUntilUrgent(Lane lane, long deadlineNanos) {
        if (endReason != null || lane.isLost() || urgent.isDue() || !control.isEmpty()) {
            return 0;
        }
        long now = ticker.nanos();
        return Math.min(deadlineNanos - now, urgent.acks().nanosUntilDue(now));
    }

    private long queue(OutgoingStream stream, Frame frame) {
        OutgoingFrame queued = stream.window().queue(stream.number(), frame);
        if (isUrgent(stream.number())) {
            control.add(queued);
            urgentReady.signalAll();
        } else {
            bulk.add(queued);
            bulkReady.signal();
        }
        return queued.number();
    }

    /** Small, and whoever waits for it may be a guest. */
    private static boolean isUrgent(int stream) {
        return stream == Link.StreamId.CONTROL.number() || stream == Link.StreamId.MEMORY_RETURN.number();
    }

    private void sendAgain(long question) {
        if (endReason != null) {
            return;
        }
        for (OutgoingStream stream : opened) {
            (isUrgent(stream.number()) ? control : bulk)
                    .addFirst(stream.window().resolve(question));
        }
        bulkReady.signalAll();
        urgentReady.signalAll();
    }

    /** One frame of any size, and small ones as long as they fit the batch. */
    private void drain(FairQueue queue, Lane lane, List<OutgoingFrame> batch) {
        OutgoingFrame frame = queue.poll(Integer.MAX_VALUE);
        int batched = 0;
        while (frame != null) {
            if (frame.state == OutgoingFrame.State.WAITING_AGAIN) {
                bytesResent += frame.wireBytes();
            }
            frame.state = OutgoingFrame.State.HANDED;
            frame.lane = lane.id();
            frame.writers++;
            batch.add(frame);
            batched += frame.wireBytes();
            frame = queue.poll(BATCH_BYTES - batched);
        }
    }

    private void freed(List<OutgoingFrame> done) {
        if (done.isEmpty()) {
            return;
        }
        long now = ticker.nanos();
        for (OutgoingFrame frame : done) {
            boolean unused = budgetOf(frame.stream()).flow().acknowledged(frame.wireBytes(), now);
        }
        acknowledged.signalAll();
    }

    private OutgoingStream known(int number) throws WireViolationException {
        OutgoingStream stream = streams[number];
        if (stream == null) {
            throw new WireViolationException("stream " + number + " was acknowledged, nothing was sent");
        }
        return stream;
    }

    private WindowBudget budget(int bytes) {
        return new WindowBudget(new FlowLimit(bytes, ticker.nanos()));
    }

    private WindowBudget budgetOf(int stream) {
        if (stream == Link.StreamId.CONTROL.number()) {
            return controlBudget;
        }
        if (stream == Link.StreamId.MEMORY_RETURN.number()) {
            return memoryReturnBudget;
        }
        return stream == Link.StreamId.MEMORY.number() ? memoryBudget : diskBudget;
    }

    private void failIfEnded() throws LinkException {
        if (endReason != null) {
            throw new LinkException(endReason);
        }
    }

    private void tell(List<OutgoingFrame> done) {
        if (done.isEmpty()) {
            return;
        }
        telling.lock();
        try {
            for (OutgoingFrame frame : done) {
                OutgoingStream stream = streams[frame.stream()];
                if (stream != null) {
                    stream.tell(frame.number());
                }
            }
        } finally {
            telling.unlock();
        }
    }

    /** Why it woke up does not matter: callers look at what there is. */
    private static void awaitAtMost(Condition condition, long nanos) throws InterruptedException {
        long unused = condition.awaitNanos(nanos);
    }
}
