package io.longhaul.bench.wan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/**
 * A line of the table: what was to be shown, and what was seen. Immutable.
 *
 * @param seen empty where it could not be measured, which does not count as met
 */
record SuiteBar(String what, double limit, boolean atMost, Optional<Double> seen) {
    private static final double DOWNTIME_BEYOND_ONE_WAY_MILLIS = 150;
    private static final double WINDOW_BYTES = 32 << 20;
    private static final double AGENT_BYTES = 256 << 20;

    boolean met() {
        return seen.isPresent() && (atMost ? seen.get() <= limit : seen.get() >= limit);
    }

    /** 1 is just met, less is better. */
    Optional<Double> shareOfLimit() {
        return seen.filter(value -> value > 0).map(value -> atMost ? value / limit : limit / value);
    }

    /** By name of the case, all its moves. */
    static List<SuiteBar> all(Map<String, Result> results) {
        Seen seen = new Seen(results);
        List<SuiteBar> bars = new ArrayList<>();
        for (String workload : List.of("mixed", "oltp")) {
            bars.add(atMost(
                    workload + ", 100 ms: p99 of the guest's writes, during to before",
                    1.3,
                    seen.ratio(
                            seen.ours(workload + "-100", Figure.WRITE_P99_DURING_MILLIS),
                            seen.ours(workload + "-100", Figure.WRITE_P99_BEFORE_MILLIS))));
        }
        Optional<Double> total = seen.ours("mixed-100", Figure.TOTAL_MILLIS);
        Optional<Double> blocking = seen.theirs("mixed-100", Figure.TOTAL_MILLIS);
        Optional<Double> best = best(blocking, seen.theirs("mixed-100-zstd", Figure.TOTAL_MILLIS));
        bars.add(atMost("mixed, 100 ms: total, to native write-blocking", 0.35, seen.ratio(total, blocking)));
        bars.add(atMost("mixed, 100 ms: total, to the best native variant", 0.7, seen.ratio(total, best)));
        bars.add(atMost("bulk: total, 200 ms to 0 ms", 1.15, seen.totals("bulk-200", "bulk-0")));
        bars.add(atMost("mixed: total, 200 ms to 0 ms", 1.8, seen.totals("mixed-200", "mixed-0")));
        bars.add(atLeast(
                "bulk, 100 ms: share of the line while copying", 0.9, seen.ours("bulk-100", Figure.LINE_RATE_SHARE)));
        downtimes(seen, bars);
        bars.add(atMost(
                "pagecache, 100 ms: bytes on the wire, to native",
                0.6,
                seen.toNative("pagecache-100", Figure.BYTES_ON_WIRE)));
        bars.add(atMost(
                "hotset, 100 ms: pages a round, to native", 0.4, seen.toNative("hotset-100", Figure.PAGES_PER_ROUND)));
        bars.add(atMost("0.1 % loss, 100 ms: total, to no loss", 1.25, seen.totals("loss-0.1", "mixed-100")));
        bars.add(atMost("1 % loss, 100 ms: total, to no loss", 2, seen.totals("loss-1", "mixed-100")));
        bars.add(atMost(
                "cap of 200 Mbit/s: distance from it on the wire",
                0.05,
                seen.ours("cap", Figure.RATE_CAP_SHARE).map(share -> Math.abs(share - 1))));
        cuts(seen, bars);
        bars.add(atLeast(
                "no link limit: disk copy rate, to QEMU's mirror",
                0.8,
                seen.toNative("direct", Figure.DISK_BYTES_PER_SECOND)));
        bars.add(atMost("agent's memory in any move, bytes", AGENT_BYTES, seen.most(Figure.AGENT_MEMORY_PEAK_BYTES)));
        bars.add(atMost(
                "agent's memory with a sparse disk of 1 TiB, bytes",
                AGENT_BYTES,
                seen.ours("terabyte", Figure.AGENT_MEMORY_PEAK_BYTES)));
        return List.copyOf(bars);
    }

    private static void downtimes(Seen seen, List<SuiteBar> bars) {
        for (int rtt : new int[] {0, 50, 100, 200}) {
            bars.add(atMost(
                    "mixed, " + rtt + " ms: downtime as the guest felt it, ms",
                    rtt / 2.0 + DOWNTIME_BEYOND_ONE_WAY_MILLIS,
                    seen.ours("mixed-" + rtt, Figure.GUEST_DOWNTIME_MILLIS)));
        }
        bars.add(atMost(
                "mixed, 100 ms: downtime as the guest felt it, to native",
                0.6,
                seen.toNative("mixed-100", Figure.GUEST_DOWNTIME_MILLIS)));
    }

    private static void cuts(Seen seen, List<SuiteBar> bars) {
        for (LinkCut.Part part : LinkCut.Part.values()) {
            for (int seconds : new int[] {5, 60}) {
                String name = "cut-" + part.label() + "-" + seconds;
                String what = "cut of " + seconds + " s in the copy of " + part.label();
                bars.add(atMost(what + ": bytes sent again", WINDOW_BYTES, seen.ours(name, Figure.BYTES_SENT_AGAIN)));
                Optional<Double> with = seen.ours(name, Figure.WRITE_MAX_DURING_MILLIS);
                Optional<Double> without = seen.ours(name, Figure.WRITE_MAX_WITHOUT_CUT_MILLIS);
                bars.add(atMost(
                        what + ": guest's longest write, beyond that without, ms",
                        10,
                        both(with, without, (longest, usual) -> longest - usual)));
            }
        }
    }

    private static SuiteBar atMost(String what, double limit, Optional<Double> seen) {
        return new SuiteBar(what, limit, true, seen);
    }

    private static SuiteBar atLeast(String what, double limit, Optional<Double> seen) {
        return new SuiteBar(what, limit, false, seen);
    }

    private static Optional<Double> best(Optional<Double> one, Optional<Double> other) {
        return Stream.concat(one.stream(), other.stream()).min(Double::compare);
    }

    private static Optional<Double> both(Optional<Double> one, Optional<Double> other, BinaryOperator<Double> with) {
        return one.flatMap(first -> other.map(second -> with.apply(first, second)));
    }

    /** Medians of what was measured. Immutable. */
    private record Seen(Map<String, Result> results) {

        Optional<Double> ours(String name, Figure figure) {
            return figure(name, Side.OURS, figure);
        }

        Optional<Double> theirs(String name, Figure figure) {
            return figure(name, Side.NATIVE, figure);
        }

        private Optional<Double> figure(String name, Side side, Figure figure) {
            return Optional.ofNullable(results.get(name))
                    .flatMap(result -> result.median(side))
                    .flatMap(median -> median.figure(figure));
        }

        Optional<Double> toNative(String name, Figure figure) {
            return ratio(ours(name, figure), theirs(name, figure));
        }

        Optional<Double> totals(String name, String other) {
            return ratio(ours(name, Figure.TOTAL_MILLIS), ours(other, Figure.TOTAL_MILLIS));
        }

        Optional<Double> ratio(Optional<Double> numerator, Optional<Double> denominator) {
            return both(numerator, denominator.filter(value -> value > 0), (above, below) -> above / below);
        }

        Optional<Double> most(Figure figure) {
            OptionalDouble most = results.values().stream()
                    .flatMap(result -> result.runs(Side.OURS).stream())
                    .flatMap(run -> run.figure(figure).stream())
                    .mapToDouble(Double::doubleValue)
                    .max();
            return most.isPresent() ? Optional.of(most.getAsDouble()) : Optional.empty();
        }
    }
}
