package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** The one place where sockets are made. */
final class Sockets {
    /** Connections that wait to be accepted: some links of the most connections at once. */
    private static final int BACKLOG = 256;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Sockets() {}

    static ServerSocketChannel listen(InetSocketAddress address) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return server.bind(address, BACKLOG);
        } catch (IOException unbound) {
            server.close();
            throw unbound;
        }
    }

    /**
     * Connects a socket that the caller has made, and closes where this fails.
     *
     * @param local null for the system to choose
     */
    static void connect(
            SocketChannel channel,
            CongestionControl congestion,
            @Nullable InetAddress local,
            InetSocketAddress address,
            Deadline deadline)
            throws IOException {
        tune(channel, congestion);
        if (local != null) {
            channel.bind(new InetSocketAddress(local, 0));
        }
        channel.socket().connect(address, deadline.millisLeft());
    }

    static SocketChannel accept(ServerSocketChannel server, CongestionControl congestion) throws IOException {
        SocketChannel channel = server.accept();
        try {
            tune(channel, congestion);
            return channel;
        } catch (IOException gone) {
            channel.close();
            throw gone;
        }
    }

    /**
     * Frames are written whole, so waiting for more to put into a packet only delays the last one. The sizes of the
     * kernel's buffers stay its own: setting them ends its autotuning, which follows the distance up to several MiB,
     * and caps them at a default of 208 KiB, which is 1 MB/s per connection at 200 ms. What waits in them unsent is limited.
     */
    private static void tune(SocketChannel channel, CongestionControl congestion) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        TcpOptions.limitUnsent(channel, TcpOptions.UNSENT_BYTES);
        if (congestion == CongestionControl.BBR) {
            TcpOptions.useBbr(channel);
        }
    }

    /** Changes a connection that turned out to be over no distance, so that it costs less of the processor. */
    static void tuneNearby(SocketChannel channel, CongestionControl congestion) {
        TcpOptions.limitUnsent(channel, TcpOptions.UNSENT_NEARBY_BYTES);
        if (congestion == CongestionControl.BBR) {
            TcpOptions.useReno(channel);
        }
    }

    /** Waits as long as it takes: who has a deadline closes the connection. */
    static byte[] read(Connection connection, int count) throws IOException {
        byte[] bytes = readUnlessEnded(connection, count);
        if (bytes == null) {
            throw new EOFException("the connection was closed during the handshake");
        }
        return bytes;
    }

    /** @return null where the peer hung up before it said anything */
    static byte @Nullable [] readUnlessEnded(Connection connection, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (connection.read(bytes) < 0) {
                if (bytes.position() == 0) {
                    return null;
                }
                throw new EOFException("the connection was closed during the handshake");
            }
        }
        return bytes.array();
    }

    static void write(Connection connection, byte[] bytes) throws IOException {
        ByteBuffer[] out = {ByteBuffer.wrap(bytes)};
        while (out[0].hasRemaining()) {
            long unused = connection.write(out);
        }
    }

    /** Some exceptions of the JDK say what happened by their name only. */
    static String reasonOf(IOException broken) {
        String message = broken.getMessage();
        return message == null ? broken.getClass().getSimpleName() : message;
    }

    static void closeQuietly(Closeable channel) {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // It is closed for a reason that is known already, and nothing is left to be done with it.
            return;
        }
    }

    /** @param atNanos by the ticker */
    record Deadline(Ticker ticker, long atNanos) {
        static Deadline in(java.time.Duration time, Ticker ticker) {
            return new Deadline(ticker, ticker.nanos() + time.toNanos());
        }

        long nanosLeft() {
            return atNanos - ticker.nanos();
        }

        /** At least 1, because 0 means for ever to a socket. */
        int millisLeft() throws SocketTimeoutException {
            long left = nanosLeft();
            if (left <= 0) {
                throw new SocketTimeoutException("the time for the handshake is over");
            }
            return (int) Math.max(1, Math.min(Integer.MAX_VALUE, left / NANOS_PER_MILLI));
        }
    }
}
