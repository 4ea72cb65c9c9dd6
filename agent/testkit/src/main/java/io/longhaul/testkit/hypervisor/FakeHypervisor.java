package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskBeginnings;
import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One simulated host. Thread safe. Guests step when they are told to, events come on the executor handed in; nothing
 * here has a clock, a thread or chance, so a simulation decides about all of them.
 */
public final class FakeHypervisor implements Hypervisor {
    private final Executor eventThread;
    private final Map<Path, FakeDisk> files = new HashMap<>();
    private final Map<UUID, FakeMachine> machines = new HashMap<>();
    private final AtomicLong roomBytes = new AtomicLong(Long.MAX_VALUE);

    /**
     * @param eventThread delivers events, one at a time and in order
     */
    public FakeHypervisor(Executor eventThread) {
        this.eventThread = eventThread;
    }

    /** Makes the guest's disks, empty, and runs it. */
    public synchronized void start(GuestDefinition definition) {
        for (Disk disk : definition.disks()) {
            files.putIfAbsent(disk.file(), new FakeDisk(disk.sizeBytes()));
        }
        machines.put(definition.id(), new FakeMachine(definition, disksOf(definition), eventThread, true));
    }

    /** Lets the guest do this much: each step writes one block. */
    public void step(UUID guest, int steps) throws IOException, HypervisorException {
        FakeMachine machine = machine(guest);
        for (int step = 0; step < steps; step++) {
            machine.step();
        }
    }

    /** Whether the guest runs here. */
    public synchronized boolean runs(UUID guest) {
        FakeMachine machine = machines.get(guest);
        return machine != null && machine.running();
    }

    /** Fails where the guest's memory and its disk do not belong together any more. */
    public void requireHealthy(UUID guest) throws IOException, HypervisorException {
        machine(guest).requireHealthy();
    }

    /** Ends the hypervisor's process as a crash would. */
    public void kill(UUID guest) throws HypervisorException {
        machine(guest).end(false);
    }

    /** Ends a mirror as an error of its target would. */
    public void breakMirror(UUID guest, String disk, String reason) throws HypervisorException {
        machine(guest).breakMirror(disk, reason);
    }

    /** How much more may be written to all disks here before there is no room. */
    public void limitRoom(long bytes) {
        roomBytes.set(bytes);
    }

    public synchronized boolean exists(Path file) {
        return files.containsKey(file);
    }

    /** Puts an empty image there, or takes it away where the size is 0. */
    public synchronized void putFile(Path file, long sizeBytes) {
        files.put(file, new FakeDisk(sizeBytes));
    }

    /** Puts a copy of another host's file there, but for its last bytes. */
    public synchronized void putCopy(FakeHypervisor other, Path original, Path file, int lastBytes)
            throws HypervisorException, IOException {
        FakeDisk copy = other.file(original).copy();
        copy.write(
                copy.sizeBytes() - lastBytes,
                ByteBuffer.wrap(new byte[lastBytes]).put(0, (byte) 1));
        files.put(file, copy);
    }

    public synchronized void removeFile(Path file) {
        files.remove(file);
    }

    public synchronized boolean isAlive(ProcessArtefact process) {
        return machines.values().stream()
                .anyMatch(machine -> machine.alive()
                        && process.marker().equals(machine.definition().id().toString()));
    }

    @Override
    public synchronized SourceGuest openSource(GuestDefinition definition, Ledger ledger, GuestEvents events)
            throws HypervisorException {
        FakeMachine machine = machine(definition.id());
        machine.requireAlive();
        return new FakeSourceGuest(this, machine, ledger, events);
    }

    @Override
    public synchronized DestinationGuest openDestination(
            GuestDefinition definition, DiskSeeds seeds, Ledger ledger, GuestEvents events) throws HypervisorException {
        FakeMachine other = machines.get(definition.id());
        if (other != null && other.alive()) {
            throw new HypervisorException(Code.START_FAILED, "guest " + definition.id() + " is here already");
        }
        Map<String, Path> takenOver = new HashMap<>();
        for (Disk disk : definition.disks()) {
            if (files.containsKey(disk.file())) {
                throw new HypervisorException(Code.START_FAILED, disk.file() + " is there already");
            }
            ledger.record(new FileArtefact(disk.file()));
            FakeDisk kept = files.remove(keptFile(definition, disk));
            files.put(disk.file(), kept == null ? begin(disk, seeds.of(disk.name()), takenOver) : kept);
        }
        ledger.record(processOf(definition));
        FakeMachine machine = new FakeMachine(definition, disksOf(definition), eventThread, false);
        machines.put(definition.id(), machine);
        return new FakeDestinationGuest(this, machine, events, new DiskBeginnings(takenOver, List.of()));
    }

    private FakeDisk begin(Disk disk, List<DiskSeed> seeds, Map<String, Path> takenOver) throws HypervisorException {
        for (DiskSeed seed : seeds) {
            if (files.containsKey(seed.file()) && file(seed.file()).sizeBytes() == disk.sizeBytes()) {
                if (seed.use() == DiskSeed.Use.COPY) {
                    return file(seed.file()).copy();
                }
                takenOver.put(disk.name(), seed.file());
                return Objects.requireNonNull(files.remove(seed.file()));
            }
        }
        return new FakeDisk(disk.sizeBytes());
    }

    @Override
    public synchronized DestinationGuest reopenDestination(
            GuestDefinition definition, Ledger ledger, GuestEvents events) throws HypervisorException {
        FakeMachine machine = machine(definition.id());
        machine.requireAlive();
        return new FakeDestinationGuest(this, machine, events, DiskBeginnings.NONE);
    }

    @Override
    public void settle(GuestDefinition definition, Ledger ledger) {
        ledger.release(processOf(definition));
        for (Disk disk : definition.disks()) {
            ledger.release(new FileArtefact(disk.file()));
        }
    }

    @Override
    public synchronized List<String> keepPartialDisks(GuestDefinition definition, Set<String> disks, Ledger ledger) {
        List<String> told = new ArrayList<>();
        for (Disk disk : definition.disks()) {
            FileArtefact artefact = new FileArtefact(disk.file());
            boolean asked = disks.contains(disk.name()) && ledger.outstanding().contains(artefact);
            FakeDisk partial = asked ? files.remove(disk.file()) : null;
            if (asked) {
                ledger.release(artefact);
            }
            if (partial != null) {
                files.put(keptFile(definition, disk), partial);
                told.add("What came of disk " + disk.name() + " is kept.");
            }
        }
        return told;
    }

    @Override
    public synchronized void giveBackDisks(GuestDefinition definition, Map<String, Path> formerFiles, Ledger ledger) {
        for (Disk disk : definition.disks()) {
            Path former = formerFiles.get(disk.name());
            FakeDisk file = former == null ? null : files.remove(disk.file());
            if (former != null && file != null) {
                files.put(former, file);
                ledger.release(new FileArtefact(disk.file()));
            }
        }
    }

    /** Where what came of a disk waits for the next try. */
    private static Path keptFile(GuestDefinition definition, Disk disk) {
        String name = disk.name() + "-" + disk.sizeBytes() + "." + disk.format();
        return disk.file().resolveSibling("partial-" + definition.id() + "-" + name);
    }

    static ProcessArtefact processOf(GuestDefinition definition) {
        return new ProcessArtefact(
                Path.of("fake", definition.id() + ".pid"), definition.id().toString());
    }

    FakeDiskHandle open(FakeDisk disk) {
        return new FakeDiskHandle(disk, roomBytes);
    }

    synchronized FakeDisk file(Path path) throws HypervisorException {
        FakeDisk disk = files.get(path);
        if (disk == null) {
            throw new HypervisorException(Code.DISK_FAILED, path + " is not there");
        }
        return disk;
    }

    private synchronized FakeMachine machine(UUID guest) throws HypervisorException {
        FakeMachine machine = machines.get(guest);
        if (machine == null) {
            throw new HypervisorException(Code.GUEST_GONE, "there is no guest " + guest);
        }
        return machine;
    }

    private Map<String, FakeDisk> disksOf(GuestDefinition definition) {
        Map<String, FakeDisk> disks = new LinkedHashMap<>();
        for (Disk disk : definition.disks()) {
            FakeDisk file = files.get(disk.file());
            if (file != null) {
                disks.put(disk.name(), file);
            }
        }
        return disks;
    }
}
