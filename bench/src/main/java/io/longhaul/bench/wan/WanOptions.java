package io.longhaul.bench.wan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The command line of {@code ./bench/wan}; its help is in that script. Immutable.
 *
 * @param emulator the compiled link emulator
 * @param sides those that are measured, in turns
 * @param connections TCP connections that memory and disks go over; empty for each side's own default
 * @param deadline how long one move may take before it counts as one that does not converge
 * @param selfTest measures the link only
 */
record WanOptions(
        Path checkout,
        Path emulator,
        LinkProperties link,
        LinkKind linkKind,
        Workload workload,
        int runs,
        int memoryMebibytes,
        int diskMebibytes,
        List<Side> sides,
        NativeMode nativeMode,
        OptionalInt connections,
        Duration deadline,
        Path out,
        boolean json,
        boolean keep,
        boolean selfTest) {

    /** Which means makes the link. */
    enum LinkKind {
        AUTO,
        NETEM,
        EMULATOR
    }

    WanOptions {
        sides = List.copyOf(sides);
    }

    static WanOptions parse(String... arguments) {
        Parser parser = new Parser();
        ArrayDeque<String> left = new ArrayDeque<>(List.of(arguments));
        while (!left.isEmpty()) {
            parser.take(left.pop(), left);
        }
        return parser.options();
    }

    /** The arguments cannot be used; the message says which and why. */
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** Owned by the thread that parses. */
    private static final class Parser {
        private static final Set<String> FLAGS = Set.of("--json", "--keep", "--self-test");

        private Path checkout = Path.of("").toAbsolutePath();
        private Optional<Path> emulator = Optional.empty();
        private double roundTrip = 100;
        private double rate = 1000;
        private double loss;
        private LinkKind linkKind = LinkKind.AUTO;
        private Workload workload = Workload.MIXED;
        private int runs = 3;
        private int memory = 512;
        private int disk = 1024;
        private List<Side> sides = List.of(Side.OURS, Side.NATIVE);
        private NativeMode nativeMode = NativeMode.WRITE_BLOCKING;
        private OptionalInt connections = OptionalInt.empty();
        private Duration deadline = Duration.ofMinutes(2);
        private Optional<Path> out = Optional.empty();
        private boolean json;
        private boolean keep;
        private boolean selfTest;

        void take(String name, ArrayDeque<String> left) {
            if (FLAGS.contains(name)) {
                takeFlag(name);
            } else {
                String value = left.poll();
                if (value == null || value.isEmpty()) {
                    throw new UsageException(name + " needs a value, or is no option; ./bench/wan --help lists them");
                }
                takeValue(name, value);
            }
        }

        private void takeFlag(String name) {
            switch (name) {
                case "--json" -> json = true;
                case "--keep" -> keep = true;
                default -> selfTest = true;
            }
        }

        private void takeValue(String name, String value) {
            switch (name) {
                case "--rtt" -> roundTrip = decimal(name, value, 10_000);
                case "--rate" -> rate = decimal(name, value, 1_000_000);
                case "--loss" -> loss = decimal(name, value, 50);
                case "--runs" -> runs = number(name, value, 1, 1_000);
                case "--memory" -> memory = number(name, value, 192, 65_536);
                case "--disk" -> disk = number(name, value, 128, 1 << 20);
                case "--connections" -> connections = OptionalInt.of(number(name, value, 1, 64));
                case "--deadline" -> deadline = Duration.ofSeconds(number(name, value, 1, 86_400));
                case "--out" -> out = Optional.of(Path.of(value).toAbsolutePath());
                case "--checkout" -> checkout = Path.of(value).toAbsolutePath().normalize();
                case "--emulator" -> emulator = Optional.of(Path.of(value).toAbsolutePath());
                default -> takeChoice(name, value);
            }
        }

        private void takeChoice(String name, String value) {
            switch (name) {
                case "--workload" ->
                    workload = Workload.of(value).orElseThrow(() -> unknown(name, value, Workload.labels()));
                case "--native" ->
                    nativeMode = NativeMode.of(value).orElseThrow(() -> unknown(name, value, NativeMode.labels()));
                case "--side" ->
                    sides = switch (value) {
                        case "ours" -> List.of(Side.OURS);
                        case "native" -> List.of(Side.NATIVE);
                        case "both" -> List.of(Side.OURS, Side.NATIVE);
                        default -> throw unknown(name, value, "ours, native, both");
                    };
                case "--link" ->
                    linkKind = switch (value) {
                        case "auto" -> LinkKind.AUTO;
                        case "netem" -> LinkKind.NETEM;
                        case "emulator" -> LinkKind.EMULATOR;
                        default -> throw unknown(name, value, "auto, netem, emulator");
                    };
                default -> throw new UsageException(name + " is no option; ./bench/wan --help lists them");
            }
        }

        WanOptions options() {
            return new WanOptions(
                    checkout,
                    emulator.orElse(checkout.resolve("bench/target/wan-emulator")),
                    new LinkProperties(roundTrip, rate, loss),
                    linkKind,
                    workload,
                    runs,
                    memory,
                    disk,
                    sides,
                    nativeMode,
                    connections,
                    deadline,
                    out.orElse(checkout.resolve("docs/benchmarks")),
                    json,
                    keep,
                    selfTest);
        }

        private static UsageException unknown(String name, String value, String known) {
            return new UsageException(name + " " + value + ": expected one of " + known);
        }

        private static int number(String name, String value, int lowest, int highest) {
            try {
                int number = Integer.parseInt(value);
                if (number >= lowest && number <= highest) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Not a number of any size: the same words fit.
            }
            throw new UsageException(name + " " + value + ": expected a number, " + lowest + " to " + highest);
        }

        private static double decimal(String name, String value, double highest) {
            try {
                double number = Double.parseDouble(value);
                if (number >= 0 && number <= highest) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // The same words fit.
            }
            throw new UsageException(name + " " + value + ": expected a number, 0 to " + (long) highest);
        }
    }
}
