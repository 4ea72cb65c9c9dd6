package io.longhaul.engine.hypervisor;

/** The hypervisor, or the host below it, did not do what it was asked. The one exception that ports throw. */
public final class HypervisorException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public HypervisorException(Code code, String detail) {
        super(detail);
        this.code = code;
    }

    public HypervisorException(Code code, String detail, Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure, for decisions; {@link #getMessage()} has the hypervisor's own words. */
    public enum Code {
        /** The hypervisor's process is gone or no longer answers. */
        GUEST_GONE,
        /** It could not be started with this definition. */
        START_FAILED,
        /** It refused a command, or a command failed. */
        COMMAND_FAILED,
        /** No answer within the deadline. */
        TIMED_OUT,
        /** The file system below has no room. */
        NO_SPACE,
        /** Reading or writing a disk failed for another reason than room. */
        DISK_FAILED
    }
}
