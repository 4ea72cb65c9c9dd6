package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** What the peer says during the handshake, which it must be done with in time. Owned by the thread of the handshake. */
final class HandshakeInput {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Socket socket;
    private final Ticker ticker;
    private final long endNanos;
    private boolean heard;

    HandshakeInput(Socket socket, Ticker ticker, long endNanos) {
        this.socket = socket;
        this.ticker = ticker;
        this.endNanos = endNanos;
    }

    /**
     * Waits for more.
     *
     * @param inbound position to limit is what came before, also afterwards
     * @return false where the peer hung up and has never said anything
     */
    boolean receive(ByteBuffer inbound) throws IOException {
        long leftNanos = endNanos - ticker.nanos();
        if (leftNanos <= 0) {
            throw new SocketTimeoutException("the time for the TLS handshake is over");
        }
        // The socket counts whole milliseconds, and takes 0 for never.
        socket.setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, leftNanos / NANOS_PER_MILLI)));
        inbound.compact();
        try {
            byte[] some = new byte[inbound.remaining()];
            int count = socket.getInputStream().read(some);
            if (count >= 0) {
                heard = true;
                inbound.put(some, 0, count);
                return true;
            }
        } finally {
            inbound.flip();
        }
        if (heard) {
            throw new EOFException("the peer closed the connection during the TLS handshake");
        }
        return false;
    }

    /** Reads have no deadline any more. */
    void done() throws IOException {
        socket.setSoTimeout(0);
    }
}
