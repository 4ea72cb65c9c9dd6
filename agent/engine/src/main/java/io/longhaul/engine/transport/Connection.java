package io.longhaul.engine.transport;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes between two agents: a socket, or what protects one. Blocking. One thread may read while another writes;
 * {@link #close} may come from any thread at any time and makes both fail.
 */
public interface Connection extends Closeable {

    /** Waits for at least one byte; -1 where the peer has finished writing. */
    int read(ByteBuffer target) throws IOException;

    /** Writes at least some bytes of the sources, in order. */
    long write(ByteBuffer[] sources) throws IOException;

    /** Nothing more is written; the peer sees the end behind what was. */
    void finishWriting() throws IOException;

    /** Who is at the other end, for logs: an address, and the name that was proved where there is one. */
    String peer();
}
