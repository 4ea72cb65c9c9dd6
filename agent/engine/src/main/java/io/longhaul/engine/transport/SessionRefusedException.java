package io.longhaul.engine.transport;

/** The other agent does not take this session's connection, and will not by trying again. */
final class SessionRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    SessionRefusedException(String message) {
        super(message);
    }
}
