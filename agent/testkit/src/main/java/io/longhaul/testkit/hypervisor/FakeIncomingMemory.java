package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestEvents;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;

/** Takes what {@link FakeOutgoingMemory} gave. Written by one thread. */
final class FakeIncomingMemory implements WritableByteChannel {
    private final FakeMachine machine;
    private final ByteBuffer stream;
    private boolean ended;
    private boolean open = true;

    FakeIncomingMemory(FakeMachine machine) {
        this.machine = machine;
        this.stream = ByteBuffer.allocate(3 * Integer.BYTES + 2 * machine.memoryBytes());
    }

    @Override
    public synchronized int write(ByteBuffer data) throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
        int length = data.remaining();
        if (length > stream.remaining()) {
            fail("a memory stream that is too long");
        } else {
            stream.put(data);
            examine();
        }
        data.position(data.limit());
        return length;
    }

    private void examine() {
        if (stream.position() >= Integer.BYTES && stream.getInt(0) != FakeOutgoingMemory.MAGIC) {
            fail("not a memory stream");
        } else if (!ended && !stream.hasRemaining()) {
            ended = true;
            machine.load(stream.position(3 * Integer.BYTES + machine.memoryBytes()));
            machine.tell(GuestEvents::memoryLoaded);
        }
    }

    private void fail(String reason) {
        if (!ended) {
            ended = true;
            machine.tell(listener -> listener.memoryFailed(reason));
        }
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() {
        open = false;
        fail("the memory stream ended early");
    }
}
