package io.longhaul.engine.transport;

import org.jspecify.annotations.Nullable;

/** The link to the other agent could not be made, or has ended. */
public final class LinkException extends Exception {
    private static final long serialVersionUID = 1L;

    public LinkException(String message) {
        super(message);
    }

    public LinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
