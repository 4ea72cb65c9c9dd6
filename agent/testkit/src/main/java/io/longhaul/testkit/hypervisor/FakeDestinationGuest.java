package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskBeginnings;
import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A simulated machine that waits for its memory. Owned by the session's thread. */
final class FakeDestinationGuest implements DestinationGuest {
    private final FakeHypervisor host;
    private final FakeMachine machine;
    private final GuestEvents events;
    private final DiskBeginnings beginnings;
    private final List<DiskWriter> writers = new ArrayList<>();
    private final Map<String, FakeDisk> frozen = new HashMap<>();
    private boolean ran;

    FakeDestinationGuest(FakeHypervisor host, FakeMachine machine, GuestEvents events, DiskBeginnings beginnings) {
        this.beginnings = beginnings;
        this.host = host;
        this.machine = machine;
        this.events = events;
        machine.attach(events);
    }

    @Override
    public DiskBeginnings beginnings() {
        return beginnings;
    }

    @Override
    public DiskWriter openDisk(String disk) throws HypervisorException {
        machine.requireAlive();
        FakeDiskHandle writer = host.open(machine.disk(disk));
        writers.add(writer);
        return writer;
    }

    @Override
    public WritableByteChannel acceptMemory() throws HypervisorException {
        machine.requireAlive();
        return new FakeIncomingMemory(machine);
    }

    @Override
    public void sealDisks(boolean freeze) throws HypervisorException {
        machine.requireAlive();
        writers.forEach(DiskWriter::close);
        writers.clear();
        if (freeze) {
            for (Disk disk : machine.definition().disks()) {
                frozen.put(disk.name(), machine.disk(disk.name()).copy());
            }
        }
    }

    @Override
    public void run() throws HypervisorException {
        machine.run();
        ran = true;
    }

    @Override
    public DiskReader openFrozenDisk(String disk) throws HypervisorException {
        FakeDisk kept = frozen.get(disk);
        if (kept == null) {
            throw new HypervisorException(Code.COMMAND_FAILED, "disk " + disk + " was not frozen");
        }
        return host.open(kept);
    }

    @Override
    public void thaw() {
        frozen.clear();
    }

    @Override
    public void destroy() throws HypervisorException {
        if (ran) {
            throw new HypervisorException(Code.COMMAND_FAILED, "the guest runs here; it is not destroyed");
        }
        machine.end(true);
        writers.forEach(DiskWriter::close);
        writers.clear();
    }

    @Override
    public void close() {
        machine.detach(events);
    }
}
