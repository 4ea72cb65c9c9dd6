package io.longhaul.engine.session;

import io.longhaul.engine.transport.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** What the other side may say on the control stream: a message that encodes to itself, or an IOException. */
public final class ControlMessageFuzz {
    private ControlMessageFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        Frame frame = new Frame(Math.max(1, input[0] & 0xFF), 0, 0, ByteBuffer.wrap(input, 1, input.length - 1));
        try {
            ControlMessage message = ControlMessage.of(frame);
            ControlMessage again = ControlMessage.of(message.frame());
            if (!again.frame().payload().equals(message.frame().payload())) {
                throw new AssertionError(message + " encodes to " + again);
            }
        } catch (IOException allowed) {
            // A peer that speaks nonsense.
        }
    }

    public static List<byte[]> seeds() {
        SideProblem problem = new SideProblem(SideProblem.Code.PEER_ABORTED, "why", "seen", "expected", "words");
        return List.of(
                input(new ControlMessage.Grant(List.of(5L, 6L), 7)),
                input(new ControlMessage.Taken()),
                input(new ControlMessage.Refused(problem)),
                input(new ControlMessage.Abort(problem)));
    }

    private static byte[] input(ControlMessage message) {
        Frame frame = message.frame();
        return ByteBuffer.allocate(1 + frame.payload().remaining())
                .put((byte) frame.kind())
                .put(frame.payload().duplicate())
                .array();
    }
}
