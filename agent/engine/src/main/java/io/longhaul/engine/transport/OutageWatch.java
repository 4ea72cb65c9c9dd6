package io.longhaul.engine.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the link is in an outage, and for how long that may last. Thread safe; listeners are called without the lock. */
final class OutageWatch {
    /** More are not kept for listeners that have not been told: who is told late hears of the latest. */
    private static final int UNTOLD_LIMIT = 32;

    private final List<Consumer<Link.LinkOutage>> listeners = new ArrayList<>();
    private final Deque<Link.LinkOutage> untold = new ArrayDeque<>();
    private Duration patience;
    private @Nullable String reason;
    private long beganNanos;
    private long begun;

    OutageWatch(Duration patience) {
        this.patience = patience;
    }

    synchronized void patience(Duration longest) {
        patience = longest;
    }

    /** @return whether it has begun with this */
    synchronized boolean begin(String why, long nowNanos) {
        if (reason != null) {
            return false;
        }
        reason = why;
        beganNanos = nowNanos;
        begun++;
        note(new Link.LinkOutage(false, why, Duration.ZERO));
        return true;
    }

    /** @return what is over; null where there was no outage */
    synchronized Link.@Nullable LinkOutage end(long nowNanos) {
        String why = reason;
        if (why == null) {
            return null;
        }
        reason = null;
        Link.LinkOutage over = new Link.LinkOutage(true, why, Duration.ofNanos(nowNanos - beganNanos));
        note(over);
        return over;
    }

    /** Why the link is to end; null where it is not. */
    synchronized @Nullable String expired(long nowNanos) {
        String why = reason;
        if (why == null || nowNanos - beganNanos < patience.toNanos()) {
            return null;
        }
        return patience.isZero() ? why : why + "; it did not come back within " + patience.toMillis() / 1e3 + " s";
    }

    synchronized long begun() {
        return begun;
    }

    /** An outage under way is told at once; begin and end may then be told again by a thread that was at it. */
    void listen(Consumer<Link.LinkOutage> listener) {
        Link.LinkOutage current;
        synchronized (this) {
            listeners.add(listener);
            current = reason == null || !untold.isEmpty() ? null : new Link.LinkOutage(false, reason, Duration.ZERO);
        }
        if (current != null) {
            listener.accept(current);
        }
    }

    /** Tells what is untold. By one thread only, so that the order stays. */
    void tell() {
        List<Consumer<Link.LinkOutage>> told;
        List<Link.LinkOutage> outages;
        synchronized (this) {
            told = List.copyOf(listeners);
            outages = List.copyOf(untold);
            untold.clear();
        }
        for (Link.LinkOutage outage : outages) {
            told.forEach(listener -> listener.accept(outage));
        }
    }

    private void note(Link.LinkOutage outage) {
        if (untold.size() == UNTOLD_LIMIT) {
            untold.removeFirst();
        }
        untold.add(outage);
    }
}
