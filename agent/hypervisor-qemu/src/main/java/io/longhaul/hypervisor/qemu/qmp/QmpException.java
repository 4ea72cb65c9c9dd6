package io.longhaul.hypervisor.qemu.qmp;

/** A command that brought no result. */
public final class QmpException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String errorClass;
    private final String description;

    private QmpException(Kind kind, String errorClass, String description, String message) {
        super(message);
        this.kind = kind;
        this.errorClass = errorClass;
        this.description = description;
    }

    static QmpException refused(String command, String errorClass, String description) {
        return new QmpException(
                Kind.REFUSED, errorClass, description, command + ": " + description + " (" + errorClass + ")");
    }

    static QmpException timedOut(String command, long millis) {
        String description = "no answer within " + millis + " ms";
        return new QmpException(Kind.TIMED_OUT, "", description, command + ": " + description);
    }

    /** Says nothing about QEMU, which may be well. */
    static QmpException interrupted(String command) {
        return new QmpException(Kind.TIMED_OUT, "", "interrupted", command + ": the waiting thread was interrupted");
    }

    static QmpException closed(String command, String reason) {
        return new QmpException(Kind.CLOSED, "", reason, command + ": the connection to QEMU has ended: " + reason);
    }

    public Kind kind() {
        return kind;
    }

    /** QEMU's class of the error, empty where it did not come from QEMU. */
    public String errorClass() {
        return errorClass;
    }

    /** QEMU's own words. */
    public String description() {
        return description;
    }

    /** What became of the command. */
    public enum Kind {
        /** QEMU answered with an error. */
        REFUSED,
        /** QEMU has not answered; it may still carry the command out. */
        TIMED_OUT,
        /** The connection ended before the answer came. */
        CLOSED
    }
}
