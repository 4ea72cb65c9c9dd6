package io.longhaul.engine.rehearsal;

/** A rehearsal that could not be held, or in which something arrived that was not sent. Nothing but it is affected. */
public final class RehearsalException extends Exception {
    private static final long serialVersionUID = 1L;

    RehearsalException(String message, Throwable cause) {
        super(message, cause);
    }
}
