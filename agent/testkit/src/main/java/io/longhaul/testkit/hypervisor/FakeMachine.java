package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.MirrorSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A simulated machine. Thread safe. Its guest remembers in memory which generation of every block it wrote last, and a
 * block's content follows from its place and generation: whatever is lost, old or in the wrong place is found by
 * {@link #requireHealthy()}. It only moves when it is told to step.
 */
final class FakeMachine {
    private static final int BLOCK_BYTES = 4096;

    private final GuestDefinition definition;
    private final Executor eventThread;
    private final Map<String, FakeDisk> disks = new LinkedHashMap<>();
    private final Map<String, MirrorSink> mirrors = new HashMap<>();
    private final long[] generations;
    private long steps;
    private boolean running;
    private boolean alive = true;
    private @Nullable GuestEvents events;
    private @Nullable FakeOutgoingMemory outgoing;

    FakeMachine(GuestDefinition definition, Map<String, FakeDisk> disks, Executor eventThread, boolean running) {
        this.definition = definition;
        this.disks.putAll(disks);
        this.eventThread = eventThread;
        this.running = running;
        int blocks = 0;
        for (Disk disk : definition.disks()) {
            blocks += (int) (disk.sizeBytes() / BLOCK_BYTES);
        }
        this.generations = new long[blocks];
    }

    GuestDefinition definition() {
        return definition;
    }

    FakeDisk disk(String name) throws HypervisorException {
        FakeDisk disk = disks.get(name);
        if (disk == null) {
            throw new HypervisorException(Code.COMMAND_FAILED, "no disk " + name);
        }
        return disk;
    }

    /** One turn of the guest: writes one block. Nothing where it is paused. */
    synchronized void step() throws IOException {
        if (!running || !alive) {
            return;
        }
        steps++;
        // A full-period generator: every block is written, in an order that looks like chance.
        int block = (int) Math.floorMod(steps * 7919L, (long) generations.length);
        generations[block] = steps;
        write(block, content(block, steps));
    }

    private void write(int block, ByteBuffer content) throws IOException {
        long offset = (long) block * BLOCK_BYTES;
        for (Disk disk : definition.disks()) {
            if (offset < disk.sizeBytes()) {
                requireDisk(disk).write(offset, content.duplicate());
                MirrorSink mirror = mirrors.get(disk.name());
                if (mirror != null) {
                    mirror.written(offset, content.duplicate());
                }
                return;
            }
            offset -= disk.sizeBytes();
        }
    }

    private FakeDisk requireDisk(Disk disk) throws IOException {
        FakeDisk found = disks.get(disk.name());
        if (found == null) {
            throw new IOException("no disk " + disk.name());
        }
        return found;
    }

    private static ByteBuffer content(int block, long generation) {
        ByteBuffer content = ByteBuffer.allocate(BLOCK_BYTES);
        if (generation != 0) {
            while (content.hasRemaining()) {
                content.putLong(31L * block + generation).putLong(generation);
            }
        }
        return content.clear();
    }

    /** The guest's own check of every block. */
    synchronized void requireHealthy() throws IOException {
        int block = 0;
        for (Disk disk : definition.disks()) {
            for (long offset = 0; offset < disk.sizeBytes(); offset += BLOCK_BYTES, block++) {
                ByteBuffer found = ByteBuffer.allocate(BLOCK_BYTES);
                requireDisk(disk).read(offset, found);
                if (!found.clear().equals(content(block, generations[block]))) {
                    throw new AssertionError(
                            "block " + block + " of " + disk.name() + " is not of generation " + generations[block]);
                }
            }
        }
    }

    synchronized boolean running() {
        return alive && running;
    }

    synchronized boolean alive() {
        return alive;
    }

    synchronized void run() throws HypervisorException {
        requireAlive();
        running = true;
    }

    synchronized void pause() {
        running = false;
    }

    synchronized void requireAlive() throws HypervisorException {
        if (!alive) {
            throw new HypervisorException(Code.GUEST_GONE, "guest " + definition.id() + " is gone");
        }
    }

    synchronized void attach(GuestEvents listener) {
        events = listener;
    }

    synchronized void detach(GuestEvents listener) {
        if (events == listener) {
            events = null;
        }
    }

    /** Tells whoever is attached now, in order. */
    synchronized void tell(Consumer<GuestEvents> message) {
        GuestEvents listener = events;
        if (listener != null) {
            eventThread.execute(() -> message.accept(listener));
        }
    }

    synchronized void mirror(String disk, MirrorSink sink) throws HypervisorException {
        requireAlive();
        if (mirrors.putIfAbsent(disk, sink) != null) {
            throw new HypervisorException(Code.COMMAND_FAILED, "disk " + disk + " is mirrored already");
        }
    }

    synchronized void endMirrors() {
        mirrors.clear();
    }

    synchronized void breakMirror(String disk, String reason) {
        if (mirrors.remove(disk) != null) {
            tell(listener -> listener.mirrorFailed(disk, reason));
        }
    }

    synchronized FakeOutgoingMemory startMemory() throws HypervisorException {
        requireAlive();
        if (outgoing != null && outgoing.underWay()) {
            throw new HypervisorException(Code.COMMAND_FAILED, "a memory stream is under way already");
        }
        FakeOutgoingMemory started = new FakeOutgoingMemory(this);
        outgoing = started;
        return started;
    }

    synchronized @Nullable FakeOutgoingMemory outgoing() {
        return outgoing;
    }

    /** What the guest has in memory now. */
    synchronized byte[] memory() {
        ByteBuffer memory = ByteBuffer.allocate(Long.BYTES * (1 + generations.length));
        memory.putLong(steps);
        for (long generation : generations) {
            memory.putLong(generation);
        }
        return memory.array();
    }

    synchronized void load(ByteBuffer memory) {
        steps = memory.getLong();
        for (int block = 0; block < generations.length; block++) {
            generations[block] = memory.getLong();
        }
    }

    int memoryBytes() {
        return Long.BYTES * (1 + generations.length);
    }

    /** The hypervisor's process ends. */
    void end(boolean expected) {
        FakeOutgoingMemory stream;
        synchronized (this) {
            if (!alive) {
                return;
            }
            alive = false;
            running = false;
            mirrors.clear();
            stream = outgoing;
            if (!expected) {
                tell(listener -> listener.guestGone("the process was killed"));
            }
        }
        if (stream != null) {
            stream.cancel();
        }
    }
}
