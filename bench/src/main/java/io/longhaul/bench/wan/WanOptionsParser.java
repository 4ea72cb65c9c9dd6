package io.longhaul.bench.wan;

import io.longhaul.bench.wan.WanOptions.Extras;
import io.longhaul.bench.wan.WanOptions.LinkKind;
import io.longhaul.bench.wan.WanOptions.Task;
import io.longhaul.bench.wan.WanOptions.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes the command line of {@code ./bench/wan} word by word, gives its options. Owned by the thread that parses. */
final class WanOptionsParser {
    private static final Set<String> FLAGS = Set.of("--json", "--keep", "--self-test", "--suite", "--dry-run");

    private static final Pattern BYTES = Pattern.compile("(\\d{1,13})([KMGT]?)");
    /** What ext4 takes for one file. */
    private static final long LARGEST_BYTES = 15L << 40;

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
    private boolean suite;
    private boolean dryRun;
    private OptionalLong rateCap = OptionalLong.empty();
    private OptionalLong diskSize = OptionalLong.empty();
    private Optional<LinkCut.Part> cutPart = Optional.empty();
    private Duration cutLength = Duration.ofSeconds(5);

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
            case "--suite" -> suite = true;
            case "--dry-run" -> dryRun = true;
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
            case "--rate-cap" -> rateCap = OptionalLong.of(bytes(name, value, 65_536));
            case "--disk-size" -> diskSize = OptionalLong.of(bytes(name, value, 128L << 20));
            case "--cut-seconds" -> cutLength = Duration.ofSeconds(number(name, value, 1, 3_600));
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
            case "--cut-at" ->
                cutPart = Optional.of(
                        switch (value) {
                            case "disk" -> LinkCut.Part.DISK;
                            case "memory" -> LinkCut.Part.MEMORY;
                            default -> throw unknown(name, value, "disk, memory");
                        });
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
                    case "direct" -> LinkKind.DIRECT;
                    default -> throw unknown(name, value, "auto, netem, emulator, direct");
                };
            default -> throw new UsageException(name + " is no option; ./bench/wan --help lists them");
        }
    }

    WanOptions options() {
        Optional<LinkCut> cut = cutPart.map(part -> new LinkCut(part, cutLength));
        boolean direct = linkKind == LinkKind.DIRECT;
        if (direct && cut.isPresent()) {
            throw new UsageException("--link direct cannot be cut");
        }
        return new WanOptions(
                checkout,
                emulator.orElse(checkout.resolve("bench/target/wan-emulator")),
                direct ? new LinkProperties(0, 0, 0) : new LinkProperties(roundTrip, rate, loss),
                linkKind,
                workload,
                runs,
                memory,
                disk,
                cut.isPresent() ? List.of(Side.OURS) : sides,
                nativeMode,
                connections,
                deadline,
                out.orElse(checkout.resolve("docs/benchmarks")),
                json,
                keep,
                task(),
                new Extras(cut, rateCap, diskSize));
    }

    private Task task() {
        if (suite) {
            return dryRun ? Task.PLAN_OF_SUITE : Task.SUITE;
        }
        if (dryRun) {
            return Task.PLAN_OF_MOVES;
        }
        return selfTest ? Task.SELF_TEST : Task.MOVES;
    }

    /** A number with K, M, G or T for powers of 1024, or without. */
    private static long bytes(String name, String value, long lowest) {
        Matcher matcher = BYTES.matcher(value);
        if (matcher.matches()) {
            int power = "KMGT"
                            .indexOf(
                                    matcher.group(2).isEmpty()
                                            ? '-'
                                            : matcher.group(2).charAt(0))
                    + 1;
            long bytes = Long.parseLong(matcher.group(1)) << (10 * power);
            if (bytes >= lowest && bytes <= LARGEST_BYTES) {
                return bytes;
            }
        }
        throw new UsageException(
                name + " " + value + ": expected a number of bytes such as 25000000 or 1T, at least " + lowest);
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
