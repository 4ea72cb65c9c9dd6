package io.longhaul.bench.wan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of the guest that matters here, as agent/testkit/guest/README.md lists them. Immutable.
 *
 * @param atNanos when it arrived at the host
 * @param number of the tick or the check; writes of the second
 * @param maxMillis longest write of the second, or 0
 * @param writes latency in microseconds to number of writes
 */
record GuestEntry(Kind kind, long atNanos, long number, double maxMillis, Map<Long, Long> writes) {
    private static final String MARK = "LONGHAUL ";
    private static final Pattern TICK = Pattern.compile("tick (\\d{1,18}) .*");
    private static final Pattern CHECK = Pattern.compile("check (\\d{1,18}) (begin|ok|FAILED).*");
    private static final Pattern LOAD =
            Pattern.compile("load writes=(\\d{1,9}) .*write_max_ms=(\\d{1,12}(?:\\.\\d+)?)( .*)?");
    private static final Pattern WRITES = Pattern.compile("writes_us((?: \\d{1,15}x\\d{1,9})+)");

    enum Kind {
        TICK,
        CHECK_PASSED,
        CHECK_FAILED,
        LOAD,
        WRITES
    }

    static Optional<GuestEntry> parse(String line, long atNanos) {
        int start = line.indexOf(MARK);
        if (start < 0) {
            return Optional.empty();
        }
        String text = line.substring(start + MARK.length()).strip();
        Matcher tick = TICK.matcher(text);
        if (tick.matches()) {
            return Optional.of(of(Kind.TICK, atNanos, Long.parseLong(tick.group(1))));
        }
        Matcher load = LOAD.matcher(text);
        if (load.matches()) {
            double max = Double.parseDouble(load.group(2));
            return Optional.of(new GuestEntry(Kind.LOAD, atNanos, Long.parseLong(load.group(1)), max, Map.of()));
        }
        Matcher writes = WRITES.matcher(text);
        if (writes.matches()) {
            return Optional.of(new GuestEntry(Kind.WRITES, atNanos, 0, 0, spread(writes.group(1))));
        }
        return parseCheck(text, atNanos);
    }

    private static Optional<GuestEntry> parseCheck(String text, long atNanos) {
        Matcher check = CHECK.matcher(text);
        if (!check.matches() || check.group(2).equals("begin")) {
            return Optional.empty();
        }
        Kind kind = check.group(2).equals("ok") ? Kind.CHECK_PASSED : Kind.CHECK_FAILED;
        return Optional.of(of(kind, atNanos, Long.parseLong(check.group(1))));
    }

    private static GuestEntry of(Kind kind, long atNanos, long number) {
        return new GuestEntry(kind, atNanos, number, 0, Map.of());
    }

    private static Map<Long, Long> spread(String pairs) {
        Map<Long, Long> spread = new LinkedHashMap<>();
        for (String pair : pairs.strip().split(" ")) {
            int cross = pair.indexOf('x');
            spread.merge(
                    Long.parseLong(pair.substring(0, cross)), Long.parseLong(pair.substring(cross + 1)), Long::sum);
        }
        return spread;
    }
}
