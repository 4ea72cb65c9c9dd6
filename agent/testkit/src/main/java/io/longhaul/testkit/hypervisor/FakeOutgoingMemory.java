package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestEvents;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * The memory stream of a simulated machine. Thread safe; moves on as it is read.
 *
 * <pre>
 *   u32 magic  u32 length  memory while the guest ran | u32 length  memory at the pause
 *                                                     ^ pauses the guest and waits to be continued
 * </pre>
 */
final class FakeOutgoingMemory implements ReadableByteChannel {
    static final int MAGIC = 0x46414b45;

    private final FakeMachine machine;
    private ByteBuffer part;
    private Phase phase = Phase.FIRST_PASS;

    private enum Phase {
        FIRST_PASS,
        PAUSED,
        LAST_PASS,
        SENT,
        CANCELLED
    }

    FakeOutgoingMemory(FakeMachine machine) {
        this.machine = machine;
        byte[] memory = machine.memory();
        this.part = ByteBuffer.allocate(2 * Integer.BYTES + memory.length)
                .putInt(MAGIC)
                .putInt(memory.length)
                .put(memory)
                .flip();
    }

    @Override
    public int read(ByteBuffer into) throws InterruptedIOException {
        synchronized (this) {
            awaitContent();
            if (phase == Phase.SENT || phase == Phase.CANCELLED) {
                return -1;
            }
            int length = Math.min(into.remaining(), part.remaining());
            into.put(part.slice().limit(length));
            part.position(part.position() + length);
            if (part.hasRemaining()) {
                return length;
            }
            // What follows needs the machine, whose lock comes before this one's.
            phase = phase == Phase.FIRST_PASS ? Phase.PAUSED : Phase.SENT;
            if (phase == Phase.SENT) {
                machine.tell(GuestEvents::memorySent);
                return length;
            }
        }
        int length = into.position();
        pauseMachine();
        return length;
    }

    private void pauseMachine() {
        machine.pause();
        machine.tell(GuestEvents::switchoverReady);
    }

    private void awaitContent() throws InterruptedIOException {
        try {
            while (phase == Phase.PAUSED) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    void continueSwitchover() {
        byte[] memory = machine.memory();
        synchronized (this) {
            if (phase == Phase.PAUSED) {
                part = ByteBuffer.allocate(Integer.BYTES + memory.length)
                        .putInt(memory.length)
                        .put(memory)
                        .flip();
                phase = Phase.LAST_PASS;
                notifyAll();
            }
        }
    }

    synchronized boolean waitsToContinue() {
        return phase == Phase.PAUSED;
    }

    synchronized boolean underWay() {
        return phase != Phase.SENT && phase != Phase.CANCELLED;
    }

    synchronized int remainingBytes() {
        return underWay() ? part.remaining() : 0;
    }

    synchronized void cancel() {
        if (phase != Phase.SENT) {
            phase = Phase.CANCELLED;
        }
        notifyAll();
    }

    @Override
    public synchronized boolean isOpen() {
        return phase != Phase.CANCELLED;
    }

    /** The reader goes away: the machine's side fails, unless all was sent. */
    @Override
    public void close() {
        boolean broken;
        synchronized (this) {
            broken = underWay();
            cancel();
        }
        if (broken) {
            machine.tell(listener -> listener.memoryFailed("the reader of the memory stream has gone"));
        }
    }
}
