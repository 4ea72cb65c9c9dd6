package io.longhaul.agent.reporting;

import java.time.Duration;

/** How long to wait after a failure: twice as long each time. Owned by one thread. */
public final class Backoff {
    /** Short, so that a control plane that restarts is not missed for long. */
    static final Duration SHORTEST = Duration.ofMillis(200);

    /** Not longer, so that a control plane that was away for hours sees its hosts at once. */
    static final Duration LONGEST = Duration.ofSeconds(5);

    private Duration next = SHORTEST;

    public Duration next() {
        Duration now = next;
        next = next.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : next.multipliedBy(2);
        return now;
    }

    public void reset() {
        next = SHORTEST;
    }
}
