package io.longhaul.engine.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

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

    /** The other end's, by its number: a name would not be the same on each side, and looking one up may take long. */
    static String addressOf(SocketChannel channel) {
        SocketAddress remote = channel.socket().getRemoteSocketAddress();
        return remote instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                : Objects.toString(remote);
    }

    /** Who is at the other end, for logs: an address, and how it has proved which name where it has. */
    String peer();

    /**
     * Whether the other end may be this host. One that is protected must have proved it: false until something was read
     * or written. One that is not may be any.
     */
    boolean couldBe(String hostName);
}
