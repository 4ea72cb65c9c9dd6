package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkSettings;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers for reads of disks, used again once every frame that lies in them is acknowledged. Thread safe.
 *
 * <p>All disks of the process share one pool: direct memory that is dropped is free only after a collection, which a heap
 * with room to spare does not see. One rehearsal of some fifty small disks, one after the other, each with buffers of its
 * own, used up 96 MiB so.
 */
final class RunBuffers {
    static final RunBuffers SHARED = new RunBuffers();

    /** As much as one migration has on the way; more would only be kept for the rare moment at which several do. */
    private static final int FREE_LIMIT = LinkSettings.Windows.defaults().diskBytes() / Frame.PAYLOAD_LIMIT_BYTES;

    private final Deque<ByteBuffer> free = new ArrayDeque<>();

    /** A long run gets a whole buffer; a short one its own, so that a few bytes in flight do not keep a whole one. */
    Lease take(int bytes) {
        if (bytes <= Frame.PAYLOAD_LIMIT_BYTES / 2) {
            return new Lease(ByteBuffer.allocate(bytes), false);
        }
        ByteBuffer buffer;
        synchronized (free) {
            buffer = free.poll();
        }
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(Frame.PAYLOAD_LIMIT_BYTES);
        }
        return new Lease(buffer.clear().limit(bytes), true);
    }

    private void giveBack(ByteBuffer buffer) {
        synchronized (free) {
            if (free.size() < FREE_LIMIT) {
                free.push(buffer);
            }
        }
    }

    /** One buffer and its holders: the mover, and each frame in flight. */
    final class Lease {
        private final ByteBuffer buffer;
        private final boolean pooled;
        private int holders = 1;

        private Lease(ByteBuffer buffer, boolean pooled) {
            this.buffer = buffer;
            this.pooled = pooled;
        }

        ByteBuffer buffer() {
            return buffer;
        }

        synchronized void hold() {
            holders++;
        }

        void release() {
            synchronized (this) {
                if (holders == 0) {
                    // Once more in the pool it would be two disks' at a time.
                    throw new IllegalStateException("a buffer was given back twice");
                }
                holders--;
                if (holders > 0 || !pooled) {
                    return;
                }
            }
            giveBack(buffer);
        }
    }
}
