package io.longhaul.engine.session;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/**
 * The hypervisor's memory stream, which can be left unread for a while: a hypervisor that cannot write does not come to
 * the point at which it pauses the guest. Thread safe; read by one thread.
 */
final class HeldChannel implements ReadableByteChannel {
    private final ReadableByteChannel stream;
    private boolean held;
    private boolean closed;

    HeldChannel(ReadableByteChannel stream) {
        this.stream = stream;
    }

    synchronized void hold(boolean wanted) {
        held = wanted;
        notifyAll();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        awaitRelease();
        return stream.read(into);
    }

    private synchronized void awaitRelease() throws IOException {
        try {
            while (held && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return stream.isOpen();
    }

    /** Idempotent; the reader is freed, and reads nothing more even before the stream itself is closed. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        stream.close();
    }
}
