package io.longhaul.engine.transport;

/**
 * Frames of one stream that the receiver has, told after a loss. Immutable.
 *
 * @param standing how far they have come
 * @param first for {@link Standing#CONSUMED_BELOW} the number below which all are consumed
 * @param count at least 1
 */
record HeldRange(int stream, Standing standing, long first, int count) {

    /** The codes are on the wire. */
    enum Standing {
        CONSUMED_BELOW(1),
        CONSUMED(2),
        RECEIVED(3);

        private static final Standing[] BY_CODE = {null, CONSUMED_BELOW, CONSUMED, RECEIVED};

        private final int code;

        Standing(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Standing of(int code) throws WireViolationException {
            if (code <= 0 || code >= BY_CODE.length) {
                throw new WireViolationException("a held range has the unknown standing " + code);
            }
            return BY_CODE[code];
        }
    }

    boolean isFollowedBy(Standing other, long number) {
        return standing == other && number == first + count;
    }

    HeldRange withNext() {
        return new HeldRange(stream, standing, first, count + 1);
    }
}
