package io.longhaul.bench.wan;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How QEMU is told to move the machine by itself. Immutable. */
enum NativeMode {
    /** Each of the guest's writes waits for the far side; one memory stream. */
    WRITE_BLOCKING("write-blocking", false),
    /** The mirror runs behind the guest; one memory stream. */
    BACKGROUND("background", false),
    /** Memory over several connections, compressed; the mirror as in WRITE_BLOCKING. */
    MULTIFD_ZSTD("write-blocking", true);

    private final String copyMode;
    private final boolean multifd;

    NativeMode(String copyMode, boolean multifd) {
        this.copyMode = copyMode;
        this.multifd = multifd;
    }

    String copyMode() {
        return copyMode;
    }

    boolean multifd() {
        return multifd;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<NativeMode> of(String label) {
        return Arrays.stream(values())
                .filter(each -> each.label().equals(label))
                .findAny();
    }

    static String labels() {
        return Arrays.stream(values()).map(NativeMode::label).collect(Collectors.joining(", "));
    }
}
