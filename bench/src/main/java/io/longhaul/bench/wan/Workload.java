package io.longhaul.bench.wan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the guest does while it is moved, as parameters of agent/testkit/guest. Immutable. */
enum Workload {
    IDLE(Map.of("writes", 0, "pages", 0), 0),
    /** 20 random 64 KiB writes and 2,000 pages a second. */
    MIXED(Map.of("writes", 20, "block", 65_536, "pages", 2_000, "memory", 64), 0),
    /** 200 random 8 KiB writes a second with a flush each, 5,000 pages a second. */
    OLTP(Map.of("writes", 200, "block", 8_192, "sync", 1, "pages", 5_000, "memory", 64), 0),
    /** 64 MiB rewritten as fast as the machine can. */
    HOTSET(Map.of("writes", 0, "pages", 10_000_000, "memory", 64), 0),
    /** 256 MiB of a file in the page cache. */
    PAGECACHE(Map.of("writes", 0, "pages", 0, "cached", 256), 0),
    /** As mixed, with 4 GiB more on the disk that the guest does not touch. */
    BULK(Map.of("writes", 20, "block", 65_536, "pages", 2_000, "memory", 64), 4L << 30),
    /** So few writes and pages that what a cut link costs can be told from what the guest does; 256 MiB to copy. */
    LIGHT(Map.of("writes", 10, "block", 4_096, "disk", 4, "pages", 20, "memory", 16), 256L << 20);

    private final Map<String, Integer> load;
    private final long ballastBytes;

    Workload(Map<String, Integer> load, long ballastBytes) {
        this.load = load;
        this.ballastBytes = ballastBytes;
    }

    Map<String, Integer> load() {
        return load;
    }

    /** Incompressible bytes on the disk behind the guest's file system. */
    long ballastBytes() {
        return ballastBytes;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Workload> of(String label) {
        return Arrays.stream(values())
                .filter(each -> each.label().equals(label))
                .findAny();
    }

    static String labels() {
        return List.of(values()).stream().map(Workload::label).collect(Collectors.joining(", "));
    }
}
