package io.longhaul.engine.transport;

import java.io.IOException;

/** Who is at the other end of a connection could not be proved, so nothing was said to it. */
public final class UnprovenPeerException extends IOException {
    private static final long serialVersionUID = 1L;
    private final RefusalCause refusal;

    public UnprovenPeerException(RefusalCause refusal, String message, Throwable cause) {
        super(message, cause);
        this.refusal = refusal;
    }

    public RefusalCause refusal() {
        return refusal;
    }

    /** What broke a connection that had not carried a frame. */
    static RefusalCause of(IOException broken) {
        return broken instanceof UnprovenPeerException unproven ? unproven.refusal : RefusalCause.LOST;
    }
}
