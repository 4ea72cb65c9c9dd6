package io.longhaul.bench.wan;

import io.longhaul.bench.wan.GuestEntry.Kind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What the guest said at both hosts around one move, and what follows from it. All times are of this machine's one
 * monotonic clock. Immutable.
 *
 * <pre>
 *   |&lt;-- before: 10 s --&gt;|&lt;------- during ---------&gt;|&lt;-- after --&gt;
 *                    first byte      last tick | first tick
 *                                       source | destination
 * </pre>
 *
 * A line about a second belongs to the part that most of its second fell into; the destination's first one still
 * belongs to the move.
 *
 * @param endNanos when the move was given up; with a destination that ticks it does not matter
 */
record GuestStory(List<GuestEntry> source, List<GuestEntry> destination, long firstByteNanos, long endNanos) {
    private static final long BEFORE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long HALF_A_SECOND_NANOS = Duration.ofMillis(500).toNanos();
    private static final long AROUND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;

    GuestStory {
        source = List.copyOf(source);
        destination = List.copyOf(destination);
    }

    /** Everything that can be told from the guest's lines. */
    Measurement measure() {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        OptionalLong arrival = firstTickAtDestination();
        arrival.ifPresent(nanos -> figures.put(Figure.TOTAL_MILLIS, (nanos - firstByteNanos) / NANOS_PER_MILLI));
        guestDowntimeMillis().ifPresent(millis -> figures.put(Figure.GUEST_DOWNTIME_MILLIS, millis));
        List<GuestEntry> before = before();
        List<GuestEntry> during = during();
        put(figures, Figure.WRITE_P50_BEFORE_MILLIS, spread(before).percentileMillis(MEDIAN));
        put(figures, Figure.WRITE_P99_BEFORE_MILLIS, spread(before).percentileMillis(P99));
        put(figures, Figure.WRITE_P50_DURING_MILLIS, spread(during).percentileMillis(MEDIAN));
        put(figures, Figure.WRITE_P99_DURING_MILLIS, spread(during).percentileMillis(P99));
        put(figures, Figure.WRITE_P99_AFTER_MILLIS, spread(after()).percentileMillis(P99));
        put(figures, Figure.WRITE_MAX_DURING_MILLIS, longestWriteMillis(during));
        put(figures, Figure.WRITES_PER_SECOND_BEFORE, writesPerSecond(before));
        put(figures, Figure.WRITES_PER_SECOND_DURING, writesPerSecond(during));
        return new Measurement(figures, arrival.isPresent(), failures());
    }

    OptionalLong firstTickAtDestination() {
        return destination.stream()
                .filter(is(Kind.TICK))
                .mapToLong(GuestEntry::atNanos)
                .findFirst();
    }

    private int failures() {
        return (int) Stream.concat(source.stream(), destination.stream())
                .filter(is(Kind.CHECK_FAILED))
                .count();
    }

    private OptionalDouble guestDowntimeMillis() {
        OptionalLong first = firstTickAtDestination();
        OptionalLong last = source.stream()
                .filter(is(Kind.TICK))
                .mapToLong(GuestEntry::atNanos)
                .max();
        if (first.isEmpty() || last.isEmpty()) {
            return OptionalDouble.empty();
        }
        long from = last.getAsLong() - AROUND_NANOS;
        long to = first.getAsLong() + AROUND_NANOS;
        long[] ticks = Stream.concat(source.stream(), destination.stream())
                .filter(is(Kind.TICK))
                .mapToLong(GuestEntry::atNanos)
                .filter(at -> at >= from && at <= to)
                .sorted()
                .toArray();
        return LongStream.range(1, ticks.length)
                .mapToDouble(i -> (ticks[(int) i] - ticks[(int) i - 1]) / NANOS_PER_MILLI)
                .max();
    }

    private List<GuestEntry> before() {
        return source.stream()
                .filter(entry -> entry.atNanos() > firstByteNanos - BEFORE_NANOS)
                .filter(entry -> entry.atNanos() <= firstByteNanos + HALF_A_SECOND_NANOS)
                .toList();
    }

    private List<GuestEntry> during() {
        long end = firstTickAtDestination().orElse(endNanos);
        Stream<GuestEntry> there = Stream.concat(
                source.stream()
                        .filter(entry -> entry.atNanos() > firstByteNanos + HALF_A_SECOND_NANOS)
                        .filter(entry -> entry.atNanos() <= end),
                destination.stream().filter(entry -> entry.atNanos() <= firstSecondAtDestinationNanos()));
        return there.toList();
    }

    private List<GuestEntry> after() {
        return destination.stream()
                .filter(entry -> entry.atNanos() > firstSecondAtDestinationNanos())
                .toList();
    }

    /** The end of the destination's first second: its first load line and the writes line that belongs to it. */
    private long firstSecondAtDestinationNanos() {
        return destination.stream()
                .filter(is(Kind.LOAD))
                .mapToLong(entry -> entry.atNanos() + HALF_A_SECOND_NANOS)
                .findFirst()
                .orElse(Long.MIN_VALUE);
    }

    private static WriteSpread spread(List<GuestEntry> entries) {
        WriteSpread spread = new WriteSpread();
        entries.stream().filter(is(Kind.WRITES)).forEach(entry -> spread.add(entry.writes()));
        return spread;
    }

    /** Nothing where the guest writes nothing. */
    private static OptionalDouble longestWriteMillis(List<GuestEntry> entries) {
        OptionalDouble longest = entries.stream()
                .filter(is(Kind.LOAD))
                .mapToDouble(GuestEntry::maxMillis)
                .max();
        return longest.isPresent() && longest.getAsDouble() > 0 ? longest : OptionalDouble.empty();
    }

    /** By the guest's own seconds, so that a guest that stands still does not count as one that writes slowly. */
    private static OptionalDouble writesPerSecond(List<GuestEntry> entries) {
        return entries.stream()
                .filter(is(Kind.LOAD))
                .mapToLong(GuestEntry::number)
                .average();
    }

    private static void put(Map<Figure, Double> figures, Figure figure, OptionalDouble value) {
        value.ifPresent(number -> figures.put(figure, number));
    }

    private static Predicate<GuestEntry> is(Kind kind) {
        return entry -> entry.kind() == kind;
    }
}
