package io.longhaul.engine.transport;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** What a stranger may send first: a hello that encodes to the same again, or a refusal. */
public final class HelloFuzz {
    private HelloFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < Handshake.HELLO_PREFIX_BYTES) {
            return;
        }
        try {
            int length = Handshake.decodeHelloPrefix(Arrays.copyOf(input, Handshake.HELLO_PREFIX_BYTES));
            byte[] body = Arrays.copyOfRange(
                    input, Handshake.HELLO_PREFIX_BYTES, Handshake.HELLO_PREFIX_BYTES + length); // the rest is zeros
            Hello hello = Handshake.decodeHello(body);
            byte[] again = Handshake.encodeHello(hello);
            Hello twice = Handshake.decodeHello(Arrays.copyOfRange(again, Handshake.HELLO_PREFIX_BYTES, again.length));
            if (!twice.equals(hello)) {
                throw new AssertionError(hello + " encodes to " + twice);
            }
        } catch (Handshake.RefusedException allowed) {
            // That is what refusals are for.
        }
    }

    public static List<byte[]> seeds() {
        Hello hello = new Hello(
                new SessionId("a-migration", 7),
                1,
                9,
                1,
                Hello.Key.of(new byte[Handshake.ATTEMPT_BYTES]),
                Hello.Key.of(new byte[Handshake.NONCE_BYTES]),
                LinkSettings.Windows.defaults());
        byte[] whole = Handshake.encodeHello(hello);
        byte[] wrong = whole.clone();
        ByteBuffer.wrap(wrong).putInt(0x47455420);
        return List.of(whole, wrong);
    }
}
