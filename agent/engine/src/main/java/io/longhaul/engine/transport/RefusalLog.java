package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Counts refused connections, and writes the first of each cause to the log, then at most one a minute: a peer that is
 * refused comes again, over many connections. Thread safe.
 */
final class RefusalLog {
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final Logger log;
    private final TransportCounters counters;
    private final Ticker ticker;
    private final Map<RefusalCause, Written> written = new EnumMap<>(RefusalCause.class);

    private record Written(long atNanos, long countBefore) {}

    RefusalLog(Logger log, TransportCounters counters, Ticker ticker) {
        this.log = log;
        this.counters = counters;
        this.ticker = ticker;
    }

    void refused(RefusalCause cause, String peer, String why) {
        counters.onRefusedHandshake(cause);
        long silent = silentSince(cause);
        if (silent < 0) {
            log.debug("a connection with {} is refused: {}", peer, why);
        } else if (silent == 0) {
            log.warn("a connection with {} is refused: {}", peer, why);
        } else {
            log.warn("a connection with {} is refused: {}; {} more of this kind ({})", peer, why, silent, cause);
        }
    }

    /** @return how many were not written since the last that was; negative where this is not to be written either */
    private synchronized long silentSince(RefusalCause cause) {
        long now = ticker.nanos();
        long count = counters.refusedHandshakes(cause);
        Written last = written.get(cause);
        if (last != null && now - last.atNanos < PAUSE_NANOS) {
            return -1;
        }
        written.put(cause, new Written(now, count));
        return last == null ? 0 : Math.max(0, count - last.countBefore - 1);
    }
}
