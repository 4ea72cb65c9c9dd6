package io.longhaul.controlplane.problems;

import java.io.IOException;

/** A body turned out to be larger than allowed while it was read. */
final class BodyTooLargeException extends IOException {

    private static final long serialVersionUID = 1;

    private final long limitBytes;

    BodyTooLargeException(long limitBytes) {
        super("The body is larger than " + limitBytes + " bytes");
        this.limitBytes = limitBytes;
    }

    long limitBytes() {
        return limitBytes;
    }
}
