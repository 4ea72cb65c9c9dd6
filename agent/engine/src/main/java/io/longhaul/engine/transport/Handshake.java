package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The messages with which two agents prove to each other that they know the secret of a migration. Pure.
 *
 * <pre>
 *   connector                                                      listener
 *      | HELLO      magic 4, version 2, length 2,                      |
 *      |            epoch 8, index 1, count 1, opening 4, attempt 16,  |
 *      |            nonce 32, windows 16, migration id 1..128 -------> |
 *      | <--- CHALLENGE  magic 4, version 2, code 1 = 1,               |
 *      |                 nonce 32, windows 16, HMAC-SHA256(secret,     |
 *      |                 "LISTENER", verdict, HELLO, nonce, windows) 32|
 *      |   or REFUSAL    magic 4, version 2, code 1 > 2                |
 *      | PROOF      HMAC-SHA256(secret, "CONNECTOR", HELLO,            |
 *      |            CHALLENGE) 32, frames ... -----------------------> |
 *      | <--- frames ...; an END of kind 3 where the proof is refused  |
 * </pre>
 *
 * The connector sends frames right behind its proof, so a link carries after one round trip of TCP and one of this. Both
 * nonces are fresh, so nothing recorded can be played again; the roles differ, so nothing can be sent back to who sent
 * it; id, epoch, index, opening and windows are in what is proven, so nothing can be changed on the way.
 *
 * <p>The verdict is not said: who knows the secret finds it by trying each, and who does not learns nothing, not even
 * whether there is such a session, for which the listener proves with a key that nobody has. What follows on the
 * connection is protected by what lies beneath, see {@link Protection}.
 */
final class Handshake {
    static final int MAGIC = 0x4C484C4B;
    static final int VERSION = 3;
    static final int HELLO_PREFIX_BYTES = 8;
    static final int REPLY_PREFIX_BYTES = 7;
    static final int PROOF_BYTES = 32;
    static final int NONCE_BYTES = 32;
    static final int ATTEMPT_BYTES = 16;
    static final int CHALLENGE_BODY_BYTES = NONCE_BYTES + 16 + PROOF_BYTES;
    static final int CODE_CHALLENGE = 1;
    /** Less could be guessed from one recorded handshake. */
    static final int SECRET_LEAST_BYTES = 16;

    private static final int HELLO_FIXED_BYTES = 8 + 1 + 1 + 4 + ATTEMPT_BYTES + NONCE_BYTES + 16;
    private static final String ALGORITHM = "HmacSHA256";

    enum Role {
        CONNECTOR,
        LISTENER
    }

    /** What the listener makes of a HELLO of a session that it knows. */
    enum Verdict {
        WELCOME("it is welcome"),
        EPOCH("the session is expected there with another epoch"),
        LINK_MADE("the session's link was made already, by another connector or by this one before it began anew"),
        STALE("it belongs to an attempt that was given up"),
        HOST("the session is expected there from another host than the one that this certificate is of");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private Handshake() {}

    static byte[] encodeHello(Hello hello) {
        byte[] id = hello.session().migrationId().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(HELLO_PREFIX_BYTES + HELLO_FIXED_BYTES + id.length);
        out.putInt(MAGIC).putShort((short) VERSION).putShort((short) (HELLO_FIXED_BYTES + id.length));
        out.putLong(hello.session().epoch()).put((byte) hello.index()).put((byte) hello.count());
        out.putInt(hello.opening());
        out.put(hello.attempt().bytes().duplicate()).put(hello.nonce().bytes().duplicate());
        putWindows(out, hello.windows());
        return out.put(id).array();
    }

    /** @return how many bytes follow the prefix */
    static int decodeHelloPrefix(byte[] prefix) throws RefusedException {
        ByteBuffer in = ByteBuffer.wrap(prefix);
        int magic = in.getInt();
        if (magic != MAGIC) {
            throw new RefusedException(Refusal.MALFORMED, String.format("it starts with %08x", magic));
        }
        int version = in.getShort();
        if (version != VERSION) {
            throw new RefusedException(Refusal.VERSION, "theirs is " + version + ", ours is " + VERSION);
        }
        int length = in.getShort();
        if (length <= HELLO_FIXED_BYTES || length > HELLO_FIXED_BYTES + SessionId.MIGRATION_ID_LIMIT_BYTES) {
            throw new RefusedException(Refusal.MALFORMED, "its length is " + length);
        }
        return length;
    }

    static Hello decodeHello(byte[] body) throws RefusedException {
        ByteBuffer in = ByteBuffer.wrap(body);
        long epoch = in.getLong();
        int index = in.get() & 0xFF;
        int count = in.get() & 0xFF;
        int opening = in.getInt();
        byte[] attempt = take(in, ATTEMPT_BYTES);
        byte[] nonce = take(in, NONCE_BYTES);
        if (count < 2 || count > LinkSettings.CONNECTIONS_LIMIT + 1 || index >= count || opening < 1) {
            throw new RefusedException(
                    Refusal.MALFORMED, "it is opening " + opening + " of connection " + index + " of " + count);
        }
        try {
            LinkSettings.Windows windows = takeWindows(in);
            String id = StandardCharsets.UTF_8.decode(in).toString();
            return new Hello(
                    new SessionId(id, epoch),
                    index,
                    count,
                    opening,
                    Hello.Key.of(attempt),
                    Hello.Key.of(nonce),
                    windows);
        } catch (IllegalArgumentException impossible) {
            throw new RefusedException(Refusal.MALFORMED, String.valueOf(impossible.getMessage()));
        }
    }

    /** @param hello as it came */
    static byte[] encodeChallenge(
            byte[] secret, Verdict verdict, byte[] hello, byte[] nonce, LinkSettings.Windows windows) {
        ByteBuffer out = reply(CODE_CHALLENGE, CHALLENGE_BODY_BYTES).put(nonce);
        putWindows(out, windows);
        byte[] said = Arrays.copyOfRange(out.array(), REPLY_PREFIX_BYTES, out.position());
        return out.put(judge(secret, verdict, hello, said)).array();
    }

    /** @return what the listener that knows the secret has decided; null where it does not know it */
    static @Nullable Verdict verdict(byte[] secret, byte[] hello, byte[] challengeBody) {
        byte[] said = Arrays.copyOf(challengeBody, CHALLENGE_BODY_BYTES - PROOF_BYTES);
        byte[] proof = Arrays.copyOfRange(challengeBody, said.length, CHALLENGE_BODY_BYTES);
        Verdict found = null;
        for (Verdict verdict : Verdict.values()) {
            if (isProven(judge(secret, verdict, hello, said), proof)) {
                found = verdict;
            }
        }
        return found;
    }

    /** @throws IllegalArgumentException where the windows are impossible */
    static LinkSettings.Windows decodeChallengeWindows(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body).position(NONCE_BYTES);
        return takeWindows(in);
    }

    static byte[] encodeRefusal(Refusal refusal) {
        return reply(refusal.code(), 0).array();
    }

    /** @return the code of the reply */
    static int decodeReplyPrefix(byte[] prefix) throws IOException, SessionRefusedException {
        ByteBuffer in = ByteBuffer.wrap(prefix);
        int magic = in.getInt();
        if (magic != MAGIC) {
            throw new IOException(String.format("no agent listens there: its answer starts with %08x", magic));
        }
        int version = in.getShort();
        if (version != VERSION) {
            throw new SessionRefusedException(
                    "the other agent speaks version " + version + " of the transport, this one " + VERSION);
        }
        return in.get() & 0xFF;
    }

    /** The connector's. */
    static byte[] prove(byte[] secret, byte[] hello, byte[] challenge) {
        return authenticate(secret, Role.CONNECTOR, 0, hello, challenge);
    }

    private static byte[] judge(byte[] secret, Verdict verdict, byte[] hello, byte[] said) {
        return authenticate(secret, Role.LISTENER, verdict.ordinal(), hello, said);
    }

    private static byte[] authenticate(byte[] secret, Role role, int verdict, byte[] hello, byte[] reply) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(role.name().getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            mac.update((byte) verdict);
            mac.update(hello);
            mac.update(reply);
            return mac.doFinal();
        } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, impossible);
        }
    }

    /** Takes the same time for every wrong proof. */
    static boolean isProven(byte[] expected, byte[] seen) {
        return MessageDigest.isEqual(expected, seen);
    }

    static void checkSecret(byte[] secret) {
        if (secret.length < SECRET_LEAST_BYTES) {
            throw new IllegalArgumentException(
                    "a secret has at least " + SECRET_LEAST_BYTES + " bytes, not " + secret.length);
        }
    }

    private static ByteBuffer reply(int code, int bodyBytes) {
        return ByteBuffer.allocate(REPLY_PREFIX_BYTES + bodyBytes)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .put((byte) code);
    }

    private static void putWindows(ByteBuffer out, LinkSettings.Windows windows) {
        out.putInt(windows.controlBytes());
        out.putInt(windows.memoryBytes());
        out.putInt(windows.diskBytes());
        out.putInt(windows.frames());
    }

    private static LinkSettings.Windows takeWindows(ByteBuffer in) {
        return new LinkSettings.Windows(in.getInt(), in.getInt(), in.getInt(), in.getInt());
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    /** A listener does not take this connection. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final Refusal refusal;

        /** @param detail for this side's log; not told to the other */
        RefusedException(Refusal refusal, String detail) {
            super(refusal.text() + ": " + detail);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }
}
