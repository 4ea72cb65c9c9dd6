package io.longhaul.testkit.hypervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Carries a memory stream to its end on a thread of its own. */
final class MemoryPump implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    private final ReadableByteChannel input;
    private final WritableByteChannel output;
    private final CompletableFuture<Long> carried = new CompletableFuture<>();

    private MemoryPump(ReadableByteChannel input, WritableByteChannel output) {
        this.input = input;
        this.output = output;
        Thread thread = new Thread(this::carry, "memory-pump");
        thread.setDaemon(true);
        thread.start();
    }

    static MemoryPump between(ReadableByteChannel input, WritableByteChannel output) {
        return new MemoryPump(input, output);
    }

    static MemoryPump intoNothing(ReadableByteChannel input) {
        return new MemoryPump(input, new Nowhere());
    }

    private void carry() {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
        long total = 0;
        try {
            while (input.read(buffer.clear()) >= 0) {
                total += buffer.flip().remaining();
                while (buffer.hasRemaining()) {
                    output.write(buffer);
                }
            }
            output.close();
            carried.complete(total);
        } catch (IOException e) {
            // A stream that is taken back ends either way, in order or broken.
            carried.complete(total);
        }
    }

    /** Returns when the stream has ended, whole or broken. */
    long awaitEnd() {
        return carried.orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        try {
            input.close();
            output.close();
        } catch (IOException e) {
            throw new AssertionError("closing a memory stream", e);
        }
    }

    private static final class Nowhere implements WritableByteChannel {
        @Override
        public int write(ByteBuffer data) {
            int length = data.remaining();
            data.position(data.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
