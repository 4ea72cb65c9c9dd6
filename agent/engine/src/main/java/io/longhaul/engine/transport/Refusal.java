package io.longhaul.engine.transport;

/**
 * Why a listener refuses a connection. The codes are on the wire, or the text where the connector has proved
 * itself or should have; 1 and 2 stand for what is not a refusal.
 */
enum Refusal {
    VERSION(3, "the versions of the transport differ"),
    MALFORMED(4, "the greeting is malformed"),
    /** One answer for both: who cannot prove the secret does not learn which sessions there are. */
    UNKNOWN_OR_UNPROVEN(5, "the session is not expected there, or the secrets differ"),
    EPOCH(6, "the session is expected with another epoch"),
    SUPERSEDED(8, "a newer connection, attempt or link took its place"),
    BUSY(7, "too many connections are being greeted");

    private final int code;
    private final String text;

    Refusal(int code, String text) {
        this.code = code;
        this.text = text;
    }

    int code() {
        return code;
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
