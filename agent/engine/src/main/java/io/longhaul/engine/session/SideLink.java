package io.longhaul.engine.session;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import io.longhaul.engine.transport.PeerViolationException;
import io.longhaul.engine.transport.StreamSender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The link of one side with its control stream. Thread safe. */
final class SideLink implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SideLink.class);

    /** How long a side that ends waits for the other to have heard why, before it hangs up. */
    static final Duration LAST_WORDS = Duration.ofSeconds(2);

    /** Nobody waits for it but the end of a migration whose link is away. */
    private static final Duration LOOK = Duration.ofMillis(50);

    /** A side says at most six things in its life; more that wait are a fault of this agent. */
    private static final int WAITING_LIMIT = 16;

    private final Link link;
    private final StreamSender control;
    private final Signals signals;

    /**
     * What the control stream's window has no room for yet, in order. Its lock guards what follows; the stream is never
     * called within, since its link may be ending and tell so on another thread.
     */
    private final Queue<ControlMessage> waiting = new ArrayDeque<>();

    /** One thread sends, for the order's sake, and looks again where there may be room since. */
    private boolean sending;

    private boolean lookAgain;
    private boolean ended;

    /**
     * @param onMessage called on the link's threads, in order; must not block
     * @param onNonsense called instead where what came is no message; must not block
     * @param onEnd called once when the link has ended
     */
    SideLink(
            Link link,
            Signals signals,
            Consumer<ControlMessage> onMessage,
            Consumer<SideProblem> onNonsense,
            Consumer<Link.LinkEnd> onEnd) {
        this.link = link;
        this.signals = signals;
        this.control = link.sender(StreamId.CONTROL);
        control.onAcknowledged(number -> sendWaiting());
        link.receive(StreamId.CONTROL, (number, frame, consumed) -> {
            deliver(frame, onMessage, onNonsense);
            consumed.run();
        });
        link.onEnd(end -> {
            forgetWaiting(end);
            onEnd.accept(end);
            signals.raise(Signals.Signal.LINK_ENDED);
        });
    }

    Link link() {
        return link;
    }

    /** Passes outages on, and logs them. */
    void onOutage(String migrationId, Consumer<Link.LinkOutage> listener) {
        link.onOutage(outage -> {
            log.info(
                    "{}: {}: {}",
                    migrationId,
                    outage.over() ? "the link is back after " + outage.lasted() : "the link is away",
                    outage.reason());
            listener.accept(outage);
        });
    }

    /**
     * Sends if the link still lives, as soon as the window has room, which takes a round trip where the peer's window is
     * small; does not block. Whether it arrived shows in the answer.
     */
    void tell(ControlMessage message) {
        synchronized (waiting) {
            if (ended) {
                log.info("Not sent, the link has ended: {}", nameOf(message));
                return;
            }
            if (waiting.size() >= WAITING_LIMIT) {
                throw new IllegalStateException("too many messages wait: " + namesOfWaiting());
            }
            waiting.add(message);
        }
        sendWaiting();
    }

    private void sendWaiting() {
        ControlMessage next = beginSending();
        try {
            while (next != null) {
                next = afterSending(next, control.trySend(next.frame()).isPresent());
            }
        } catch (RuntimeException | Error fault) {
            leaveSending();
            throw fault;
        }
    }

    /** After a fault: whoever comes next tries again, or nothing would ever be sent any more. */
    private void leaveSending() {
        synchronized (waiting) {
            sending = false;
            lookAgain = false;
        }
    }

    private @Nullable ControlMessage beginSending() {
        synchronized (waiting) {
            lookAgain = sending;
            sending |= !waiting.isEmpty();
            return lookAgain ? null : waiting.peek();
        }
    }

    /** @return what to try next; null where it is another's turn, or time for an acknowledgement */
    private @Nullable ControlMessage afterSending(ControlMessage tried, boolean sent) {
        synchronized (waiting) {
            if (sent) {
                // Where the link has ended meanwhile it is gone from here already.
                waiting.poll();
            }
            sending = !waiting.isEmpty() && (sent || lookAgain);
            lookAgain = false;
            if (sending) {
                return waiting.peek();
            }
            if (!waiting.isEmpty()) {
                log.info("{} waits for room in the control stream's window", nameOf(tried));
            }
            return null;
        }
    }

    private void forgetWaiting(Link.LinkEnd end) {
        synchronized (waiting) {
            ended = true;
            if (!waiting.isEmpty()) {
                log.warn(
                        "Not sent, the control stream's window had no room before the link ended ({}): {}",
                        end.reason(),
                        namesOfWaiting());
                waiting.clear();
            }
        }
    }

    private List<String> namesOfWaiting() {
        return waiting.stream().map(SideLink::nameOf).toList();
    }

    private static String nameOf(ControlMessage message) {
        return message.getClass().getSimpleName();
    }

    /** Tells and gives the other side a moment to hear it and hang up. */
    void tellAndAwaitEnd(ControlMessage message) throws InterruptedException {
        tell(message);
        signals.awaitAtMost(Signals.Signal.LINK_ENDED, LAST_WORDS);
    }

    /** Waits until the other side has all that it was told, the link has ended, or the time is over. */
    void awaitHeard(Duration longest) throws InterruptedException {
        for (long left = longest.toNanos(); left > 0 && hasUnheard(); left -= LOOK.toNanos()) {
            if (signals.awaitAtMost(Signals.Signal.LINK_ENDED, LOOK)) {
                return;
            }
        }
    }

    private boolean hasUnheard() {
        synchronized (waiting) {
            return !waiting.isEmpty() || control.unacknowledgedBytes() > 0;
        }
    }

    @Override
    public void close() {
        link.close();
    }

    private static void deliver(Frame frame, Consumer<ControlMessage> onMessage, Consumer<SideProblem> onNonsense) {
        ControlMessage message;
        try {
            message = ControlMessage.of(frame);
        } catch (PeerViolationException e) {
            onNonsense.accept(Problems.peerSentWhatCannotBe(e));
            return;
        }
        onMessage.accept(message);
    }
}
