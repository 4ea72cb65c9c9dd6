package io.longhaul.engine.nbd;

import java.io.IOException;

/** The peer sent what the protocol does not allow: there is no way back into step, so the connection ends. */
final class NbdViolationException extends IOException {
    private static final long serialVersionUID = 1L;

    NbdViolationException(String message) {
        super(message);
    }
}
