package io.longhaul.bench.wan;

import java.util.Locale;

/** Who moves the machine. */
enum Side {
    OURS,
    NATIVE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
