package io.longhaul.engine.storage;

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
        /** The source sent what no correct source sends. */
        PROTOCOL,
        /** The link ended. */
        LINK_ENDED,
        /** Stopped on request. */
        STOPPED
    }
}
