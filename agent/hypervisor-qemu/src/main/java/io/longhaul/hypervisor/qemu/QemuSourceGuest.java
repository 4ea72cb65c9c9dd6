package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.MirrorSink;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.hypervisor.qemu.qmp.QmpEvent;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/** A running QEMU that is moved away. Owned by the session's thread, but where the port says otherwise. */
final class QemuSourceGuest implements SourceGuest {
    private final GuestDefinition definition;
    private final QemuSettings settings;
    private final GuestPaths paths;
    private final LedgerFiles files;
    private final EventSignal signal = new EventSignal();
    private final MemoryEvents memoryEvents;
    private final Monitor monitor;
    private final SourceDisks disks;
    private final MemoryStream memory;

    private QemuSourceGuest(
            GuestDefinition definition, Ledger ledger, GuestEvents events, QemuSettings settings, ThreadFactory threads)
            throws HypervisorException {
        this.definition = definition;
        this.settings = settings;
        this.paths = GuestPaths.of(settings, definition.id());
        this.files = new LedgerFiles(ledger);
        // The monitor's first event may come before the disks are there to take it.
        EventRelay relay = new EventRelay();
        this.memoryEvents = new MemoryEvents(
                events, signal, events::memorySent, relay::onEvent, () -> QemuEnd.logs(paths, definition));
        this.monitor = Monitor.connect(paths.moveMonitor(), settings, threads, memoryEvents);
        memoryEvents.askFor(monitor);
        this.disks = new SourceDisks(monitor, signal, files, paths, settings, threads);
        this.memory = new MemoryStream(monitor, signal, files, paths.memory());
        relay.to(disks, events);
    }

    static QemuSourceGuest open(
            GuestDefinition definition, Ledger ledger, GuestEvents events, QemuSettings settings, ThreadFactory threads)
            throws HypervisorException {
        return new QemuSourceGuest(definition, ledger, events, settings, threads);
    }

    Monitor monitor() {
        return monitor;
    }

    EventSignal signal() {
        return signal;
    }

    @Override
    public DiskReader openDisk(String disk) throws HypervisorException {
        return disks.openReader(find(disk));
    }

    @Override
    public void startMirror(String disk, MirrorSink sink) throws HypervisorException {
        disks.startMirror(find(disk), sink);
    }

    @Override
    public void prepareMemory() throws HypervisorException {
        memory.prepare();
    }

    @Override
    public ReadableByteChannel startMemory(MemorySettings memorySettings) throws HypervisorException {
        memoryEvents.expectMemoryEnd(false);
        return memory.start(memorySettings);
    }

    @Override
    public void tuneMemory(MemorySettings memorySettings) throws HypervisorException {
        memory.tune(memorySettings);
    }

    @Override
    public MemoryStatistics memoryStatistics() throws HypervisorException {
        return memory.statistics();
    }

    @Override
    public void completeMirrors() throws HypervisorException {
        disks.completeMirrors();
    }

    @Override
    public void closeDisks() throws HypervisorException {
        disks.close();
    }

    @Override
    public void continueSwitchover() throws HypervisorException {
        memory.continueSwitchover();
        disks.closeReaders();
    }

    @Override
    public void takeBack() throws HypervisorException {
        memoryEvents.expectMemoryEnd(true);
        // Memory first: where the guest is paused for the switchover, this alone lets it run again.
        memory.cancel();
        disks.end();
        if (!monitor.status().running()) {
            monitor.execute("cont");
        }
        requireRunning();
        // What is left holds nobody up; were it first, a full disk under the ledger would keep the guest paused.
        disks.remove();
        memory.remove();
    }

    private void requireRunning() throws HypervisorException {
        QmpMessages.Status status = monitor.status();
        if (!status.running()) {
            throw new HypervisorException(
                    Code.COMMAND_FAILED, "the guest does not run again, QEMU says: " + status.status());
        }
    }

    @Override
    public void destroy() throws HypervisorException {
        memoryEvents.expectEnd();
        QemuEnding.end(monitor, new QemuProcess(paths.pidFile()));
        disks.removeFiles();
        memory.remove();
        for (Path file : paths.ofMachine()) {
            files.remove(file);
        }
        monitor.close();
    }

    @Override
    public DiskReader openStoppedDisk(String disk) throws HypervisorException {
        Disk found = find(disk);
        return StoppedDisk.open(settings, paths, definition.disks().indexOf(found), found, files);
    }

    private Disk find(String disk) throws HypervisorException {
        return QemuHypervisor.disk(definition, disk);
    }

    @Override
    public void close() {
        memoryEvents.expectEnd();
        memory.closeStream();
        disks.letGo();
        monitor.close();
    }

    /** Passes events on once there is somebody to take them. */
    private static final class EventRelay {
        private volatile Consumer<QmpEvent> taker = event -> {};

        void onEvent(QmpEvent event) {
            taker.accept(event);
        }

        void to(SourceDisks disks, GuestEvents events) {
            taker = event -> disks.onEvent(event, events);
        }
    }
}
