package io.longhaul.engine.transport;

/**
 * Why a listener refuses a connection. The codes are on the wire, or the text where the connector has proved
 * itself or should have; 1 and 2 stand for what is not a refusal.
 */
enum Refusal {
    VERSION(3, RefusalCause.PROTOCOL, "the versions of the transport differ"),
    MALFORMED(4, RefusalCause.PROTOCOL, "the greeting is malformed"),
    /** One answer for both: who cannot prove the secret does not learn which sessions there are. */
    UNKNOWN_OR_UNPROVEN(5, RefusalCause.SESSION, "the session is not expected there, or the secrets differ"),
    EPOCH(6, RefusalCause.SESSION, "the session is expected with another epoch"),
    SUPERSEDED(8, RefusalCause.SUPERSEDED, "a newer connection, attempt or link took its place"),
    BUSY(7, RefusalCause.BUSY, "too many connections are being greeted"),
    HOST(9, RefusalCause.HOST, "the certificate is that of another host than the session's");

    private final int code;
    private final RefusalCause cause;
    private final String text;

    Refusal(int code, RefusalCause cause, String text) {
        this.code = code;
        this.cause = cause;
        this.text = text;
    }

    int code() {
        return code;
    }

    RefusalCause cause() {
        return cause;
    }

    String text() {
        return text;
    }

    static String describe(int code) {
        for (Refusal refusal : values()) {
            if (refusal.code == code) {
                return refusal.text;
            }
        }
        return "the answer has the unknown code " + code;
    }
}
