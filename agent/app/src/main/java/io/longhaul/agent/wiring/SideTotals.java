package io.longhaul.agent.wiring;

import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Adds up what this host's sides counted, also of those that are forgotten. Thread safe; bounded by the sides. */
final class SideTotals {
    private final MigrationEngine engine;
    private final Map<String, long[]> counted = new HashMap<>();
    private final long[] totals = new long[Count.values().length];

    /** What each side counts, never falling. */
    enum Count {
        WIRE_BYTES(Progress::bytesOnWire),
        PAGES_SENT(progress -> progress.effort().pagesSent()),
        PAGES_REFERENCED(progress -> progress.effort().pagesReferenced()),
        PAGES_HELD_BACK(progress -> progress.effort().pagesHeldBack()),
        PAGES_SUPERSEDED(progress -> progress.effort().pagesSuperseded()),
        RESENT_BYTES(progress -> progress.effort().bytesResent()),
        RECONNECTS(progress -> progress.effort().reconnects()),
        OUTAGES(progress -> progress.effort().outages()),
        OUTAGE_MILLIS(progress -> progress.effort().outageMillis());

        private final ToLongFunction<Progress> of;

        Count(ToLongFunction<Progress> of) {
            this.of = of;
        }
    }

    SideTotals(MigrationEngine engine) {
        this.engine = engine;
    }

    /** Must be called at least once between a migration's end and its being forgotten, or a part is not counted. */
    synchronized void update() {
        for (MigrationSide side : engine.sides()) {
            Progress progress = side.status().progress();
            long[] before = counted.computeIfAbsent(side.migrationId(), id -> new long[totals.length]);
            for (Count count : Count.values()) {
                long now = count.of.applyAsLong(progress);
                totals[count.ordinal()] += Math.max(0, now - before[count.ordinal()]);
                before[count.ordinal()] = now;
            }
        }
        counted.keySet()
                .retainAll(
                        engine.sides().stream().map(MigrationSide::migrationId).collect(Collectors.toSet()));
    }

    synchronized long total(Count count) {
        update();
        return totals[count.ordinal()];
    }
}
