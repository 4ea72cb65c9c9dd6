package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.MirrorSink;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A simulated machine that is moved away. Owned by the session's thread. */
final class FakeSourceGuest implements SourceGuest {
    private final FakeHypervisor host;
    private final FakeMachine machine;
    private final Ledger ledger;
    private final GuestEvents events;
    private final FileArtefact socket;
    private final List<DiskReader> readers = new ArrayList<>();
    private final List<DetachableSink> sinks = new ArrayList<>();

    FakeSourceGuest(FakeHypervisor host, FakeMachine machine, Ledger ledger, GuestEvents events) {
        this.host = host;
        this.machine = machine;
        this.ledger = ledger;
        this.events = events;
        this.socket = new FileArtefact(Path.of("fake", machine.definition().id() + ".nbd"));
        machine.attach(events);
    }

    @Override
    public DiskReader openDisk(String disk) throws HypervisorException {
        machine.requireAlive();
        ledger.record(socket);
        FakeDiskHandle reader = host.open(machine.disk(disk));
        readers.add(reader);
        return reader;
    }

    @Override
    public void startMirror(String disk, MirrorSink sink) throws HypervisorException {
        machine.disk(disk);
        ledger.record(socket);
        DetachableSink detachable = new DetachableSink(sink);
        machine.mirror(disk, detachable);
        sinks.add(detachable);
    }

    @Override
    public ReadableByteChannel startMemory(MemorySettings settings) throws HypervisorException {
        return machine.startMemory();
    }

    @Override
    public void tuneMemory(MemorySettings settings) throws HypervisorException {
        machine.requireAlive();
    }

    @Override
    public MemoryStatistics memoryStatistics() throws HypervisorException {
        machine.requireAlive();
        FakeOutgoingMemory outgoing = machine.outgoing();
        return outgoing == null
                ? new MemoryStatistics(0, 0, 0, 0)
                : new MemoryStatistics(machine.memoryBytes(), outgoing.remainingBytes(), 1, 0);
    }

    @Override
    public void completeMirrors() throws HypervisorException {
        machine.requireAlive();
    }

    @Override
    public void closeDisks() throws HypervisorException {
        machine.requireAlive();
        endDisks();
    }

    private void endDisks() {
        machine.endMirrors();
        readers.forEach(DiskReader::close);
        readers.clear();
    }

    @Override
    public void continueSwitchover() throws HypervisorException {
        machine.requireAlive();
        FakeOutgoingMemory outgoing = machine.outgoing();
        if (outgoing == null || !outgoing.waitsToContinue()) {
            throw new HypervisorException(Code.COMMAND_FAILED, "nothing waits to be continued");
        }
        outgoing.continueSwitchover();
    }

    @Override
    public void takeBack() throws HypervisorException {
        machine.requireAlive();
        cancelMemory();
        endDisks();
        ledger.release(socket);
        machine.run();
    }

    private void cancelMemory() {
        FakeOutgoingMemory outgoing = machine.outgoing();
        if (outgoing != null) {
            outgoing.cancel();
        }
    }

    @Override
    public void destroy() {
        machine.end(true);
        endDisks();
        ledger.release(socket);
    }

    @Override
    public DiskReader openStoppedDisk(String disk) throws HypervisorException {
        GuestDefinition definition = machine.definition();
        Disk found = definition.disks().stream()
                .filter(one -> one.name().equals(disk))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(Code.COMMAND_FAILED, "no disk " + disk));
        return host.open(host.file(found.file()));
    }

    @Override
    public void close() {
        machine.detach(events);
        readers.forEach(DiskReader::close);
        readers.clear();
        sinks.forEach(DetachableSink::detach);
    }

    /** A mirror goes on when its taker has gone; the guest never notices. */
    private static final class DetachableSink implements MirrorSink {
        private final MirrorSink sink;
        private volatile boolean detached;

        DetachableSink(MirrorSink sink) {
            this.sink = sink;
        }

        void detach() {
            detached = true;
        }

        @Override
        public void written(long offset, ByteBuffer data) {
            if (!detached) {
                sink.written(offset, data);
            }
        }

        @Override
        public void zeroed(long offset, long lengthBytes) {
            if (!detached) {
                sink.zeroed(offset, lengthBytes);
            }
        }

        @Override
        public void discarded(long offset, long lengthBytes) {
            if (!detached) {
                sink.discarded(offset, lengthBytes);
            }
        }
    }
}
