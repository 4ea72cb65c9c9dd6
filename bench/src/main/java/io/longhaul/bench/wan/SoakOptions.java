package io.longhaul.bench.wan;

import io.longhaul.bench.wan.WanOptions.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalLong;

/**
 * The command line of {@code ./bench/soak}; its help is in that script. Immutable.
 *
 * @param seed empty for a new one
 */
record SoakOptions(
        Path checkout,
        Path emulator,
        int moves,
        int cutsPerMove,
        Duration longestCut,
        OptionalLong seed,
        LinkProperties link,
        Duration patience,
        boolean keep) {

    static SoakOptions parse(String... arguments) {
        Path checkout = Path.of("").toAbsolutePath();
        Path emulator = checkout.resolve("bench/target/wan-emulator");
        SoakOptions options = new SoakOptions(
                checkout,
                emulator,
                50,
                3,
                Duration.ofSeconds(4),
                OptionalLong.empty(),
                new LinkProperties(20, 1000, 0),
                Duration.ofMinutes(3),
                false);
        ArrayDeque<String> left = new ArrayDeque<>(List.of(arguments));
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("--keep")) {
                options = options.keeping();
                continue;
            }
            String value = left.poll();
            if (value == null) {
                throw new UsageException(name + " needs a value, or is no option; ./bench/soak --help lists them");
            }
            options = options.with(name, value);
        }
        return options;
    }

    private SoakOptions keeping() {
        return new SoakOptions(checkout, emulator, moves, cutsPerMove, longestCut, seed, link, patience, true);
    }

    private SoakOptions with(String name, String value) {
        if (name.equals("--checkout") || name.equals("--emulator")) {
            return withPath(name, Path.of(value).toAbsolutePath().normalize());
        }
        long number = number(name, value);
        LinkProperties newLink = switch (name) {
            case "--rtt" -> new LinkProperties(number, link.rateMegabits(), 0);
            case "--rate" -> new LinkProperties(link.roundTripMillis(), number, 0);
            case "--moves", "--cuts", "--cut-millis", "--seed", "--patience" -> link;
            default -> throw new UsageException(name + " is no option; ./bench/soak --help lists them");
        };
        return new SoakOptions(
                checkout,
                emulator,
                name.equals("--moves") ? (int) Math.min(number, 100_000) : moves,
                name.equals("--cuts") ? (int) Math.min(number, 100) : cutsPerMove,
                name.equals("--cut-millis") ? Duration.ofMillis(Math.max(1, number)) : longestCut,
                name.equals("--seed") ? OptionalLong.of(number) : seed,
                newLink,
                name.equals("--patience") ? Duration.ofSeconds(number) : patience,
                keep);
    }

    private SoakOptions withPath(String name, Path path) {
        return new SoakOptions(
                name.equals("--checkout") ? path : checkout,
                name.equals("--emulator") ? path : emulator,
                moves,
                cutsPerMove,
                longestCut,
                seed,
                link,
                patience,
                keep);
    }

    private static long number(String name, String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The same words fit.
        }
        throw new UsageException(name + " " + value + ": expected a number, 0 or more");
    }
}
