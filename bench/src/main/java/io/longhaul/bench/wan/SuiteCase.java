package io.longhaul.bench.wan;

import io.longhaul.bench.wan.WanOptions.LinkKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One measurement of the suite. Immutable.
 *
 * @param arguments as {@code ./bench/wan} would take them
 * @param reference the case whose moves of ours are what a cut is compared with
 */
record SuiteCase(String name, String arguments, WanOptions options, Optional<String> reference) {
    /** A guest's boot, its work before and after, and the look at its disks. */
    private static final int MOVE_SECONDS = 38;

    private static final double BITS_PER_BYTE = 8;

    /** All of the table, as few moves as it can be told from; those over a direct link last, as they need their own. */
    static List<SuiteCase> all(WanOptions suite) {
        List<SuiteCase> cases = new ArrayList<>();
        cases.add(of(suite, "mixed-100", "--workload mixed --rtt 100"));
        cases.add(of(suite, "mixed-100-zstd", "--workload mixed --rtt 100 --side native --native multifd-zstd"));
        cases.add(of(suite, "oltp-100", "--workload oltp --rtt 100 --side ours"));
        for (int rtt : new int[] {0, 50, 200}) {
            cases.add(of(suite, "mixed-" + rtt, "--workload mixed --side ours --rtt " + rtt));
        }
        for (int rtt : new int[] {0, 100, 200}) {
            cases.add(of(suite, "bulk-" + rtt, "--workload bulk --side ours --deadline 300 --rtt " + rtt));
        }
        cases.add(of(suite, "pagecache-100", "--workload pagecache --rtt 100"));
        cases.add(of(suite, "hotset-100", "--workload hotset --rtt 100 --deadline 45"));
        cases.add(of(suite, "loss-0.1", "--workload mixed --side ours --rtt 100 --loss 0.1"));
        cases.add(of(suite, "loss-1", "--workload mixed --side ours --rtt 100 --loss 1"));
        // In most seconds of it there is something to send; mixed holds hot pages back while the link is free.
        cases.add(of(suite, "cap", "--workload light --side ours --rtt 100 --rate-cap 25000000"));
        cases.add(of(suite, "light-100", "--workload light --side ours --rtt 100"));
        for (LinkCut.Part part : LinkCut.Part.values()) {
            for (int seconds : new int[] {5, 60}) {
                String cut = "--cut-at " + part.label() + " --cut-seconds " + seconds;
                cases.add(of(
                        suite,
                        "cut-" + part.label() + "-" + seconds,
                        "--workload light --rtt 100 --deadline 240 " + cut,
                        Optional.of("light-100")));
            }
        }
        cases.add(of(suite, "terabyte", "--workload idle --side ours --rtt 100 --disk-size 1T --deadline 600"));
        cases.add(of(suite, "direct", "--workload bulk --link direct --deadline 300"));
        return List.copyOf(cases);
    }

    private static SuiteCase of(WanOptions suite, String name, String arguments) {
        return of(suite, name, arguments, Optional.empty());
    }

    private static SuiteCase of(WanOptions suite, String name, String arguments, Optional<String> reference) {
        List<String> all = new ArrayList<>(List.of(arguments.split(" ")));
        all.addAll(List.of("--runs", Integer.toString(suite.runs())));
        all.addAll(List.of("--checkout", suite.checkout().toString()));
        all.addAll(List.of("--emulator", suite.emulator().toString()));
        return new SuiteCase(name, arguments, WanOptions.parse(all.toArray(String[]::new)), reference);
    }

    boolean direct() {
        return options.linkKind() == LinkKind.DIRECT;
    }

    /** A guess: moves, what the line needs for what is large, and cuts; a hot set never comes to an end with QEMU. */
    long seconds() {
        double line = options.link().rateMegabits() > 0 ? options.link().rateMegabits() * 1e6 / BITS_PER_BYTE : 400e6;
        double copy = options.workload().ballastBytes() / line;
        double move = MOVE_SECONDS
                + copy
                + options.extras().cut().map(cut -> cut.length().toSeconds()).orElse(0L);
        double stuck =
                options.workload() == Workload.HOTSET ? options.deadline().toSeconds() : 0;
        return Math.round(options.runs() * (move * options.sides().size() + stuck));
    }
}
