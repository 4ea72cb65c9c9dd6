package io.longhaul.engine.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket as it is. Thread safe as {@link Connection} says. */
final class PlainConnection implements Connection {
    private final SocketChannel channel;

    PlainConnection(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return channel.write(sources);
    }

    @Override
    public void finishWriting() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public String peer() {
        return Connection.addressOf(channel);
    }

    @Override
    public boolean couldBe(String hostName) {
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
