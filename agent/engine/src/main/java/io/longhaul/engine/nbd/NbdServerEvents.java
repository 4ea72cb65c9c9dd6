package io.longhaul.engine.nbd;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what clients do, and names the first of each thing that should not happen in the log. Thread safe.
 *
 * <p>Only the first: a client that asks for nonsense may do so a million times a second.
 */
final class NbdServerEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServerEvents.class);

    enum Kind {
        CONNECTION,
        REFUSED_CONNECTION,
        REFUSED_OPTION,
        REFUSED_REQUEST,
        FAILED_REQUEST,
        VIOLATION,
        CUT_CONNECTION
    }

    private final String name;
    private final Map<Kind, AtomicLong> counts = new EnumMap<>(Kind.class);

    /** @param name of the server, for the log */
    NbdServerEvents(String name) {
        this.name = name;
        for (Kind kind : Kind.values()) {
            counts.put(kind, new AtomicLong());
        }
    }

    void count(Kind kind) {
        count(kind, "");
    }

    void count(Kind kind, @Nullable String detail) {
        long before = counter(kind).getAndIncrement();
        if (before == 0 && kind != Kind.CONNECTION) {
            LOG.warn("NBD server {}: {}: {}; more of these are counted only", name, kind, detail);
        } else {
            LOG.debug("NBD server {}: {}: {}", name, kind, detail);
        }
    }

    NbdServerCounters counters() {
        return new NbdServerCounters(
                counter(Kind.CONNECTION).get(),
                counter(Kind.REFUSED_CONNECTION).get(),
                counter(Kind.REFUSED_OPTION).get(),
                counter(Kind.REFUSED_REQUEST).get(),
                counter(Kind.FAILED_REQUEST).get(),
                counter(Kind.VIOLATION).get(),
                counter(Kind.CUT_CONNECTION).get());
    }

    private AtomicLong counter(Kind kind) {
        return Objects.requireNonNull(counts.get(kind));
    }
}
