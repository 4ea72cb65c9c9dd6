package io.longhaul.engine.storage;

import io.longhaul.engine.transport.PeerViolationException;

/** The transfer of a disk cannot go on. The guest and its disk at the source are not affected. */
public final class StorageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public StorageException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public StorageException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The other side sent what cannot be. */
    StorageException(PeerViolationException violation) {
        this(Code.PROTOCOL, String.valueOf(violation.getMessage()), violation);
    }

    public Code code() {
        return code;
    }

    /** What kind of failure, for decisions. */
    public enum Code {
        /** The source's disk could not be read. */
        READ_FAILED,
        /** The destination's disk could not be written or flushed, for another reason than room. */
        WRITE_FAILED,
        /** The destination has no room. */
        NO_SPACE,
        /** The other side sent what no correct one sends; a {@link PeerViolationException} is among the causes. */
        PROTOCOL,
        /** A fault of this program. */
        INTERNAL,
        /** The link ended. */
        LINK_ENDED,
        /** Stopped on request. */
        STOPPED
    }
}
