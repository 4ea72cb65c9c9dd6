package io.longhaul.engine.transport;

/**
 * Frames of one stream that the receiver has consumed. Immutable.
 *
 * @param count at least 1
 */
record AckRange(int stream, long first, int count) {

    boolean isFollowedBy(int otherStream, long number) {
        return stream == otherStream && number == first + count && count < Integer.MAX_VALUE;
    }

    AckRange withNext() {
        return new AckRange(stream, first, count + 1);
    }
}
