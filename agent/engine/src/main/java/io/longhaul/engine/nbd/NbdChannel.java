package io.longhaul.engine.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Whole reads and writes on a blocking socket, or two halves of one. One thread at a time; {@link #close} from any. */
final class NbdChannel implements AutoCloseable {
    private static final int SKIP_BYTES = 64 << 10;

    private final ReadableByteChannel incoming;
    private final GatheringByteChannel outgoing;
    private final ByteBuffer header = ByteBuffer.allocateDirect(64);

    NbdChannel(SocketChannel socket) {
        this(socket, socket);
    }

    NbdChannel(ReadableByteChannel incoming, GatheringByteChannel outgoing) {
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /** Reads exactly this many bytes into a buffer that is valid until the next call. */
    ByteBuffer read(int bytes) throws IOException {
        header.clear().limit(bytes);
        readInto(header);
        return header.flip();
    }

    /** As {@link #read}, or false where the peer closed the connection between two messages. */
    boolean readOrEnd(ByteBuffer into) throws IOException {
        if (incoming.read(into) < 0) {
            return false;
        }
        readInto(into);
        return true;
    }

    void readInto(ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (incoming.read(into) < 0) {
                throw new EOFException("the NBD peer closed the connection within a message");
            }
        }
    }

    /** Text or option data of a length the caller has checked. */
    ByteBuffer readData(int bytes) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(bytes);
        readInto(data);
        return data.flip();
    }

    String readText(int bytes) throws IOException {
        return StandardCharsets.UTF_8.decode(readData(bytes)).toString();
    }

    void skip(long bytes) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocate((int) Math.min(bytes, SKIP_BYTES));
        for (long left = bytes; left > 0; left -= scratch.capacity()) {
            scratch.clear().limit((int) Math.min(left, scratch.capacity()));
            readInto(scratch);
        }
    }

    void write(ByteBuffer... buffers) throws IOException {
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                outgoing.write(buffers);
            }
        }
    }

    @Override
    public void close() {
        try (outgoing) {
            incoming.close();
        } catch (IOException ignored) {
            // Nothing is left to lose: what mattered was answered before.
        }
    }
}
