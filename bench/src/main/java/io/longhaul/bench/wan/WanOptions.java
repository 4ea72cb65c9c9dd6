package io.longhaul.bench.wan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The command line of {@code ./bench/wan}; its help is in that script. Immutable.
 *
 * @param emulator the compiled link emulator
 * @param sides those that are measured, in turns
 * @param connections TCP connections that memory and disks go over; empty for each side's own default
 * @param deadline how long one move may take before it counts as one that does not converge
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
        Task task,
        Extras extras) {

    /** Which means makes the link. DIRECT: two devices and nothing between them. */
    enum LinkKind {
        AUTO,
        NETEM,
        EMULATOR,
        DIRECT
    }

    /** What is to be done with all this. */
    enum Task {
        /** The moves that the options describe. */
        MOVES,
        /** All that the table asks for; of the options, only runs, out, json and keep count. */
        SUITE,
        /** Only says what would be done. */
        PLAN_OF_SUITE,
        PLAN_OF_MOVES,
        SELF_TEST
    }

    /**
     * What most moves have not.
     *
     * @param cut ours is moved without and with it, in turns
     * @param rateCapBytes a second, of what a move puts on the wire
     * @param diskBytes the disk is made so long, with a hole at its end
     */
    record Extras(Optional<LinkCut> cut, OptionalLong rateCapBytes, OptionalLong diskBytes) {
        static final Extras NONE = new Extras(Optional.empty(), OptionalLong.empty(), OptionalLong.empty());
    }

    WanOptions {
        sides = List.copyOf(sides);
    }

    static WanOptions parse(String... arguments) {
        WanOptionsParser parser = new WanOptionsParser();
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
}
