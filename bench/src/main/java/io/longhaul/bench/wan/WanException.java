package io.longhaul.bench.wan;

/** The measurement could not be made. The message says what to do. */
final class WanException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WanException(String message) {
        super(message);
    }

    WanException(String message, Throwable cause) {
        super(message, cause);
    }
}
