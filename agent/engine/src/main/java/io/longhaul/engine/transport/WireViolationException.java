package io.longhaul.engine.transport;

import java.io.IOException;

/** The peer sent what the protocol does not allow, or what it sent was damaged on the way. Ends the link. */
final class WireViolationException extends IOException {
    private static final long serialVersionUID = 1L;

    WireViolationException(String message) {
        super(message);
    }
}
