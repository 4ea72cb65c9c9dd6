package io.longhaul.agent.probe;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line the guest wrote about itself.
 *
 * <pre>
 *   LONGHAUL ready memory=64 disk=32
 *   LONGHAUL tick 17 1.700213
 *   LONGHAUL check 3 begin
 *   LONGHAUL check 3 ok pages=16384 blocks=512
 *   LONGHAUL check 3 FAILED page 77 ...
 * </pre>
 *
 * @param number of the tick or the check; 0 for ready
 * @param text the whole line from LONGHAUL on
 */
record GuestLine(Kind kind, long number, String text) {
    /** The kernel writes to the same port, so that a line may follow half of one of its own. */
    private static final Pattern PATTERN =
            Pattern.compile("LONGHAUL (?:(ready)|tick (\\d{1,18}) |check (\\d{1,18}) (begin|ok|FAILED))");

    enum Kind {
        READY,
        TICK,
        CHECK_BEGAN,
        CHECK_PASSED,
        CHECK_FAILED
    }

    static Optional<GuestLine> parse(String line) {
        Matcher matcher = PATTERN.matcher(line);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String text = line.substring(matcher.start()).strip();
        if (matcher.group(1) != null) {
            return Optional.of(new GuestLine(Kind.READY, 0, text));
        }
        if (matcher.group(2) != null) {
            return Optional.of(new GuestLine(Kind.TICK, Long.parseLong(matcher.group(2)), text));
        }
        Kind kind = switch (matcher.group(4)) {
            case "begin" -> Kind.CHECK_BEGAN;
            case "ok" -> Kind.CHECK_PASSED;
            default -> Kind.CHECK_FAILED;
        };
        return Optional.of(new GuestLine(kind, Long.parseLong(matcher.group(3)), text));
    }
}
