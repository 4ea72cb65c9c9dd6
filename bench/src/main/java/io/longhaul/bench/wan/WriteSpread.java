package io.longhaul.bench.wan;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** How many writes took how long, added up over seconds. Owned by one thread. */
final class WriteSpread {
    private static final double MICROS_PER_MILLI = 1000;

    private final TreeMap<Long, Long> countByMicros = new TreeMap<>();
    private long count;

    void add(Map<Long, Long> more) {
        more.forEach((micros, writes) -> {
            countByMicros.merge(micros, writes, Long::sum);
            count += writes;
        });
    }

    long count() {
        return count;
    }

    /** The latency that the given part of all writes stayed below; empty where there were no writes. */
    OptionalDouble percentileMillis(double part) {
        long rank = (long) Math.ceil(part * count);
        long seen = 0;
        for (Map.Entry<Long, Long> entry : countByMicros.entrySet()) {
            seen += entry.getValue();
            if (seen >= rank) {
                return OptionalDouble.of(entry.getKey() / MICROS_PER_MILLI);
            }
        }
        return OptionalDouble.empty();
    }
}
