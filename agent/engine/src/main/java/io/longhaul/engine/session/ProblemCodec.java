package io.longhaul.engine.session;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A problem as bytes, for the journal and for the wire. Pure. */
final class ProblemCodec {
    /** {@link DataOutputStream#writeUTF} takes 65,535 bytes; a character takes at most three. */
    private static final int TEXT_LIMIT = 4_000;

    private ProblemCodec() {}

    static byte[] encode(SideProblem problem) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(problem.code().name());
            out.writeUTF(shortened(problem.detail()));
            out.writeUTF(shortened(problem.seen()));
            out.writeUTF(shortened(problem.expected()));
            out.writeUTF(shortened(problem.nativeWords()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static SideProblem read(DataInputStream in) throws IOException {
        return new SideProblem(code(in.readUTF()), in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF());
    }

    /** A peer may be newer and know more codes. */
    private static SideProblem.Code code(String name) {
        for (SideProblem.Code code : SideProblem.Code.values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        return SideProblem.Code.PEER_ABORTED;
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_LIMIT ? text : text.substring(0, TEXT_LIMIT);
    }
}
