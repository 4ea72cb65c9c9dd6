package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/**
 * The connector's first message; see {@link Handshake}. Immutable.
 *
 * @param index of this connection among {@code count}
 * @param opening counts the connections that the connector has tried in this place, from 1: the newest one counts
 * @param attempt random, the same for all connections of one link
 */
record Hello(
        SessionId session, int index, int count, int opening, Key attempt, Key nonce, LinkSettings.Windows windows) {

    /** Random bytes, or a proof. Compared by content; never printed. */
    record Key(ByteBuffer bytes) {
        static Key of(byte[] bytes) {
            return new Key(ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer());
        }

        @Override
        public String toString() {
            return "Key[hidden]";
        }
    }
}
