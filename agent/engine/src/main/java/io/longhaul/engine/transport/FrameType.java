package io.longhaul.engine.transport;

/** What a frame on the wire is for. The codes are on the wire; 0 is never valid, so that zeroed bytes are refused. */
enum FrameType {
    /** A frame of a stream. */
    DATA(1),
    /** Ranges of frames that the receiver has consumed. */
    ACK(2),
    /** Asks for a PONG of the same number. */
    PING(3),
    /** Position: wall clock at the arrival of the PING; extent: wall clock at the sending of this; both microseconds. */
    PONG(4),
    /** Nothing: shows that an idle connection still carries bytes. */
    ALIVE(5),
    /** The last frame, with the reason in words. Kind 1: closed on purpose; 2: failed; 3: the link is not known here. */
    END(6),
    /** Asks for a HELD of the same number: after a loss. */
    ASK(7),
    /** Frames that have come, in answer to an ASK. Kind 1: more follows; kind 2: the last part. */
    HELD(8);

    private static final FrameType[] BY_CODE = {null, DATA, ACK, PING, PONG, ALIVE, END, ASK, HELD};

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameType of(int code) throws WireViolationException {
        if (code <= 0 || code >= BY_CODE.length) {
            throw new WireViolationException("frame type " + code + " is unknown; known are 1 to 8");
        }
        return BY_CODE[code];
    }
}
