package io.longhaul.engine.session;

import io.longhaul.engine.session.Signals.Signal;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/**
 * The hypervisor's memory stream, whose end counts only where the hypervisor says that it has written everything. One that
 * dies or fails ends it too; were that passed on, the destination's hypervisor would fail for want of the rest, and its
 * words would be taken for the cause. Read by one thread.
 */
final class WholeStream implements ReadableByteChannel {
    private static final String CUT_OFF = "the hypervisor ended its stream before it had written everything";

    private final ReadableByteChannel stream;
    private final Signals signals;
    private final Duration longest;

    /** @param longest to wait at the stream's end for the hypervisor's word, or for the reason why there is none */
    WholeStream(ReadableByteChannel stream, Signals signals, Duration longest) {
        this.stream = stream;
        this.signals = signals;
        this.longest = longest;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int count = stream.read(into);
        if (count < 0) {
            requireWhole();
        }
        return count;
    }

    private void requireWhole() throws IOException {
        try {
            signals.await(Signal.MEMORY_SENT, longest, Problems.memoryFailed(MigrationSide.Role.SOURCE, CUT_OFF));
        } catch (SideEndedException e) {
            EOFException cutOff = new EOFException(CUT_OFF);
            cutOff.initCause(e);
            throw cutOff;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public boolean isOpen() {
        return stream.isOpen();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
