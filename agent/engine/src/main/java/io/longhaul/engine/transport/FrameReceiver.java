package io.longhaul.engine.transport;

/**
 * Takes the frames of one stream. Called on a connection's reading thread: hands the frame on and returns at once. Of an
 * ordered stream one frame at a time; of an unordered one, several threads may call at once.
 */
public interface FrameReceiver {

    /**
     * @param number the frame's number in its stream, from 0
     * @param frame its payload is another frame's once {@code consumed} is run
     * @param consumed to be run once, on any thread, when the frame's bytes are no longer held: it sends the
     *     acknowledgement that frees the sender's window
     */
    void onFrame(long number, Frame frame, Runnable consumed);
}
