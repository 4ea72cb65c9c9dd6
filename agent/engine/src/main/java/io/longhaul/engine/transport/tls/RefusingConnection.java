package io.longhaul.engine.transport.tls;

import io.longhaul.engine.transport.Connection;
import io.longhaul.engine.transport.UnprovenPeerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket over which nothing may be said. Immutable. */
record RefusingConnection(SocketChannel socket, UnprovenPeerException why) implements Connection {

    @Override
    public int read(ByteBuffer target) throws IOException {
        throw why;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        throw why;
    }

    @Override
    public void finishWriting() throws IOException {
        throw why;
    }

    @Override
    public String peer() {
        return Connection.addressOf(socket);
    }

    @Override
    public boolean couldBe(String hostName) {
        return false;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
