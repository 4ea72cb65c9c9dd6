package io.longhaul.engine.transport;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream as its receiver sees it. Thread safe: reading threads bring frames, any thread consumes them. The receiver is
 * called without the lock; an ordered one by one thread at a time, which then also hands over what the others brought.
 */
final class IncomingStream {
    private final int number;
    private final Outbox outbox;
    private final PayloadBuffers payloads;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReceiveWindow window;
    private final int windowFrames;

    /** Came before the receiver was set; bounded by the window. */
    private final Deque<Arrived> early = new ArrayDeque<>();

    private @Nullable FrameReceiver receiver;
    private @Nullable ReorderBuffer<Arrived> reordering;
    private boolean handingOver;

    IncomingStream(int number, Outbox outbox, PayloadBuffers payloads, ReceiveBudget budget, int windowFrames) {
        this.number = number;
        this.outbox = outbox;
        this.payloads = payloads;
        this.window = new ReceiveWindow(budget, windowFrames);
        this.windowFrames = windowFrames;
    }

    void setReceiver(Link.Ordering ordering, FrameReceiver taker) {
        lock.lock();
        try {
            if (receiver != null) {
                throw new IllegalStateException("stream " + number + " has a receiver already");
            }
            receiver = taker;
            if (ordering == Link.Ordering.ORDERED) {
                ReorderBuffer<Arrived> buffer = new ReorderBuffer<>(windowFrames);
                early.forEach(arrived -> buffer.put(arrived.number, arrived));
                early.clear();
                reordering = buffer;
            }
        } finally {
            lock.unlock();
        }
        handOver(taker);
    }

    /** @return false where the frame came before, and is dropped */
    boolean onFrame(long frameNumber, Frame frame, int bytes) throws WireViolationException {
        Arrived arrived = new Arrived(this, frameNumber, frame);
        FrameReceiver taker;
        boolean direct;
        lock.lock();
        try {
            if (!window.receive(frameNumber, bytes)) {
                return false;
            }
            taker = receiver;
            direct = taker != null && reordering == null;
            if (reordering != null) {
                reordering.put(frameNumber, arrived);
            } else if (taker == null) {
                early.add(arrived);
            }
        } finally {
            lock.unlock();
        }
        if (taker != null && direct) {
            arrived.giveTo(taker);
        } else if (taker != null) {
            handOver(taker);
        }
        return true;
    }

    List<HeldRange> held() {
        lock.lock();
        try {
            return window.held(number);
        } finally {
            lock.unlock();
        }
    }

    /** The acknowledgement leaves: the sender may use the room again. */
    void release(AckRange range) {
        lock.lock();
        try {
            window.acknowledge(range.first(), range.count());
        } finally {
            lock.unlock();
        }
    }

    private void handOver(FrameReceiver taker) {
        Arrived arrived = nextToHandOver(true);
        while (arrived != null) {
            arrived.giveTo(taker);
            arrived = nextToHandOver(false);
        }
    }

    /** @param starting whether the caller does not hand over yet; it must not where another does */
    private @Nullable Arrived nextToHandOver(boolean starting) {
        lock.lock();
        try {
            if (starting && handingOver) {
                return null;
            }
            Arrived next = reordering == null ? early.poll() : reordering.takeNext();
            handingOver = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void consumed(long frameNumber, Frame frame) {
        int bytes;
        lock.lock();
        try {
            bytes = window.consume(frameNumber);
        } finally {
            lock.unlock();
        }
        payloads.giveBack(frame.payload());
        outbox.acknowledge(number, frameNumber, bytes);
    }

    /** A frame held here until it is run as the receiver's `consumed`. */
    private record Arrived(IncomingStream stream, long number, Frame frame) implements Runnable {

        void giveTo(FrameReceiver taker) {
            taker.onFrame(number, frame, this);
        }

        @Override
        public void run() {
            stream.consumed(number, frame);
        }
    }
}
