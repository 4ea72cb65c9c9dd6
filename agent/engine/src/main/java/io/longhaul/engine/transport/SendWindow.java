package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has sent and not got acknowledged, in frames and bytes. Not thread safe: its owner's lock guards it.
 *
 * <pre>
 *  queue --> WAITING --> HANDED --- connection lost ---> IN_DOUBT --- not there ---> WAITING_AGAIN --> HANDED
 *                           |                                '------- there --------> HELD
 *                           '------------- acknowledged (from any state but WAITING) --> forgotten,
 *                                                                               once no connection writes it
 * </pre>
 *
 * <p>Invariant: oldest &lt;= next &lt;= oldest + frames, and every frame outside [oldest, next) is forgotten.
 */
final class SendWindow {
    private final WindowBudget budget;
    /** By number modulo the window; null where it is forgotten. */
    private final @Nullable OutgoingFrame[] frames;

    private long oldest;
    private long next;
    private long unacknowledgedBytes;

    SendWindow(WindowBudget budget, int frames) {
        this.budget = budget;
        this.frames = new OutgoingFrame[frames];
        budget.join();
    }

    boolean hasRoomFor(int bytes) {
        return next - oldest < frames.length
                && unacknowledgedBytes + bytes <= budget.shareBytes()
                && budget.hasRoomFor(bytes);
    }

    /** @return the frame with its number, which the window had room for */
    OutgoingFrame queue(int stream, Frame frame) {
        OutgoingFrame queued = OutgoingFrame.of(stream, next, frame);
        frames[slot(next)] = queued;
        unacknowledgedBytes += queued.wireBytes();
        budget.take(queued.wireBytes());
        next++;
        return queued;
    }

    /**
     * Frames were consumed. One that was acknowledged before is passed over: an answer after a loss repeats what an
     * acknowledgement on the lost connection had said.
     *
     * @param done gets those whose payload is the owner's again
     */
    void acknowledge(long first, int count, List<OutgoingFrame> done) throws WireViolationException {
        checkSent(first, count);
        for (long number = Math.max(first, oldest); number < first + count; number++) {
            acknowledge(frames[slot(number)], done);
        }
        forget();
    }

    void acknowledgeBelow(long number, List<OutgoingFrame> done) throws WireViolationException {
        if (number > oldest) {
            acknowledge(oldest, Math.toIntExact(Math.min(number - oldest, Integer.MAX_VALUE)), done);
        }
    }

    /** Frames arrived and are not consumed yet: they need not be sent again. */
    void hold(long first, int count) throws WireViolationException {
        checkSent(first, count);
        for (long number = Math.max(first, oldest); number < first + count; number++) {
            OutgoingFrame frame = frames[slot(number)];
            if (frame != null && frame.state != OutgoingFrame.State.ACKNOWLEDGED) {
                checkHanded(frame);
                frame.state = OutgoingFrame.State.HELD;
            }
        }
    }

    /** A writer is done with a frame. */
    void finish(OutgoingFrame frame, List<OutgoingFrame> done) {
        frame.writers--;
        if (frame.writers == 0 && frame.state == OutgoingFrame.State.ACKNOWLEDGED) {
            release(frame, done);
            forget();
        }
    }

    /** @return whether there are frames that were handed to the lost connection and may not have arrived */
    boolean doubt(long lane, long question) {
        boolean any = false;
        for (long number = oldest; number < next; number++) {
            OutgoingFrame frame = frames[slot(number)];
            if (frame != null && frame.state == OutgoingFrame.State.HANDED && frame.lane == lane) {
                frame.state = OutgoingFrame.State.IN_DOUBT;
                frame.question = question;
                any = true;
            }
        }
        return any;
    }

    /** The answer is complete: what was in doubt and is not in it is to be sent again, in this order. */
    List<OutgoingFrame> resolve(long question) {
        List<OutgoingFrame> missing = new ArrayList<>();
        for (long number = oldest; number < next; number++) {
            OutgoingFrame frame = frames[slot(number)];
            if (frame != null && frame.state == OutgoingFrame.State.IN_DOUBT && frame.question <= question) {
                frame.state = OutgoingFrame.State.WAITING_AGAIN;
                missing.add(frame);
            }
        }
        return missing;
    }

    /** All frames below this number are acknowledged. */
    long oldest() {
        return oldest;
    }

    long next() {
        return next;
    }

    long unacknowledgedBytes() {
        return unacknowledgedBytes;
    }

    private void acknowledge(@Nullable OutgoingFrame frame, List<OutgoingFrame> done) throws WireViolationException {
        if (frame == null || frame.state == OutgoingFrame.State.ACKNOWLEDGED) {
            return;
        }
        checkHanded(frame);
        frame.state = OutgoingFrame.State.ACKNOWLEDGED;
        if (frame.writers == 0) {
            release(frame, done);
        }
    }

    private void release(OutgoingFrame frame, List<OutgoingFrame> done) {
        frames[slot(frame.number())] = null;
        unacknowledgedBytes -= frame.wireBytes();
        budget.giveBack(frame.wireBytes());
        done.add(frame);
    }

    private void forget() {
        while (oldest < next && frames[slot(oldest)] == null) {
            oldest++;
        }
    }

    private void checkSent(long first, int count) throws WireViolationException {
        if (first + count > next || first + count < first) {
            throw new WireViolationException("frames " + first + " to " + (first + count - 1)
                    + " were acknowledged, on the way are " + oldest + " to " + (next - 1));
        }
    }

    private static void checkHanded(OutgoingFrame frame) throws WireViolationException {
        if (frame.state == OutgoingFrame.State.WAITING) {
            throw new WireViolationException("frame " + frame.number() + " was acknowledged unsent");
        }
    }

    private int slot(long number) {
        return (int) (number % frames.length);
    }
}
