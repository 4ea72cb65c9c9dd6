package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

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

    /** By its number: a name would not be the same on each side, and looking one up may take long. */
    @Override
    public String peer() {
        SocketAddress remote = channel.socket().getRemoteSocketAddress();
        return remote instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                : Objects.toString(remote);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
