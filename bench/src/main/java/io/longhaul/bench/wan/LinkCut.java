package io.longhaul.bench.wan;

import java.time.Duration;
import java.util.Locale;

/**
 * The link is cut once during a move. Immutable.
 *
 * @param part of the move in whose middle that happens
 */
record LinkCut(Part part, Duration length) {

    enum Part {
        DISK,
        MEMORY;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    String label() {
        return "cut-" + part.label() + "-" + length.toSeconds() + "s";
    }
}
