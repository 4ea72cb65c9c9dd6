package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TcpOptionsTest {
    private static final int PEER_BUFFER_BYTES = 64 * 1024;
    private static final int WRITE_BYTES = 64 * 1024;

    /** The kernel doubles a receive buffer that it is asked for, for its own records. */
    private static final int MOST_BYTES = 2 * PEER_BUFFER_BYTES + TcpOptions.UNSENT_BYTES + WRITE_BYTES;

    @Test
    void neitherEndTakesMuchMoreThanTheOtherReads() throws IOException {
        try (ServerSocketChannel server = Sockets.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel caller = SocketChannel.open()) {
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            Sockets.connect(caller, null, address, Sockets.Deadline.in(Duration.ofSeconds(10), Ticker.system()));
            try (SocketChannel called = Sockets.accept(server)) {
                caller.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER_BYTES);
                called.setOption(StandardSocketOptions.SO_RCVBUF, PEER_BUFFER_BYTES);
                assertThat(takenBy(caller)).isBetween((long) TcpOptions.UNSENT_BYTES, (long) MOST_BYTES);
                assertThat(takenBy(called)).isBetween((long) TcpOptions.UNSENT_BYTES, (long) MOST_BYTES);
            }
        }
    }

    /** Nobody reads, so this ends. */
    private static long takenBy(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        long taken = 0;
        int written = channel.write(ByteBuffer.allocate(WRITE_BYTES));
        while (written > 0) {
            taken += written;
            written = channel.write(ByteBuffer.allocate(WRITE_BYTES));
        }
        return taken;
    }
}
