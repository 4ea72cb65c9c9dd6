package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskBeginnings;
import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.ledger.Ledger;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/** A QEMU that waits for a guest. Owned by the session's thread, but where the port says otherwise. */
final class QemuDestinationGuest implements DestinationGuest {
    private final GuestDefinition definition;
    private final GuestPaths paths;
    private final LedgerFiles files;
    private final QemuProcess process;
    private final MemoryEvents memoryEvents;
    private final Monitor monitor;
    private final DestinationDisks disks;
    private final DiskBeginnings beginnings;
    private Optional<SocketChannel> memory = Optional.empty();
    private boolean frozen;
    private boolean ran;

    private QemuDestinationGuest(
            GuestDefinition definition,
            LedgerFiles files,
            GuestPaths paths,
            Monitor monitor,
            MemoryEvents memoryEvents,
            DestinationDisks disks,
            DiskBeginnings beginnings) {
        this.definition = definition;
        this.files = files;
        this.paths = paths;
        this.process = new QemuProcess(paths.pidFile());
        this.monitor = monitor;
        this.memoryEvents = memoryEvents;
        this.disks = disks;
        this.beginnings = beginnings;
    }

    static QemuDestinationGuest open(
            GuestDefinition definition, DiskSeeds seeds, Ledger ledger, GuestEvents events, Host host)
            throws HypervisorException {
        QemuSettings settings = host.settings();
        GuestPaths paths = GuestPaths.of(settings, definition.id());
        LedgerFiles files = new LedgerFiles(ledger);
        QemuImages images = new QemuImages(settings);
        refuseSecond(definition, paths);
        ArrivingDisks arriving = new ArrivingDisks(definition, seeds, files, images, host.keptDisks());
        boolean open = false;
        try {
            DiskBeginnings beginnings = arriving.make();
            for (Path file : paths.ofMachine()) {
                files.record(file);
            }
            files.record(new QemuProcess(paths.pidFile()).artefact());
            host.launcher().launch(definition, paths, true);
            QemuDestinationGuest guest =
                    prepared(connect(definition, files, events, settings, host.threads(), beginnings));
            open = true;
            return guest;
        } finally {
            // Whatever went wrong, and be it a fault of ours: a file that was there before must not go with the rest.
            if (!open) {
                arriving.giveBack();
            }
        }
    }

    private static QemuDestinationGuest prepared(QemuDestinationGuest guest) throws HypervisorException {
        boolean prepared = false;
        try {
            guest.prepare();
            prepared = true;
            return guest;
        } finally {
            if (!prepared) {
                guest.close();
            }
        }
    }

    /** What all arrivals of a host have in common. */
    record Host(QemuSettings settings, QemuLauncher launcher, KeptDisks keptDisks, ThreadFactory threads) {}

    /** Takes hold of the QEMU that an agent before this one has opened, and whose guest is this host's. */
    static QemuDestinationGuest reopen(
            GuestDefinition definition, Ledger ledger, GuestEvents events, QemuSettings settings, ThreadFactory threads)
            throws HypervisorException {
        return connect(definition, new LedgerFiles(ledger), events, settings, threads, DiskBeginnings.NONE);
    }

    private static void refuseSecond(GuestDefinition definition, GuestPaths paths) throws HypervisorException {
        if (new QemuProcess(paths.pidFile()).isAlive()) {
            throw new HypervisorException(
                    Code.START_FAILED, "guest " + definition.id() + " has a QEMU on this host already");
        }
    }

    private static QemuDestinationGuest connect(
            GuestDefinition definition,
            LedgerFiles files,
            GuestEvents events,
            QemuSettings settings,
            ThreadFactory threads,
            DiskBeginnings beginnings)
            throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, definition.id());
        EventSignal signal = new EventSignal();
        MemoryEvents memoryEvents = new MemoryEvents(
                events, signal, events::memoryLoaded, event -> {}, () -> QemuEnd.logs(paths, definition));
        Monitor monitor = Monitor.connect(paths.moveMonitor(), settings, threads, memoryEvents);
        memoryEvents.askFor(monitor);
        BlockGraph graph = new BlockGraph(monitor, signal);
        DestinationDisks disks =
                new DestinationDisks(graph, files, new QemuImages(settings), paths, definition.disks());
        return new QemuDestinationGuest(definition, files, paths, monitor, memoryEvents, disks, beginnings);
    }

    private void prepare() throws HypervisorException {
        MemoryStream.setCapabilities(monitor);
        disks.prepare();
    }

    @Override
    public DiskBeginnings beginnings() {
        return beginnings;
    }

    @Override
    public DiskWriter openDisk(String disk) throws HypervisorException {
        return disks.openWriter(QemuHypervisor.disk(definition, disk));
    }

    @Override
    public WritableByteChannel acceptMemory() throws HypervisorException {
        files.prepare(paths.memory());
        monitor.execute("migrate-incoming", QmpMessages.Incoming.on(paths.memory()));
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(paths.memory()));
            memory = Optional.of(channel);
            return channel;
        } catch (IOException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "QEMU does not listen at " + paths.memory(), e);
        }
    }

    @Override
    public void sealDisks(boolean freeze) throws HypervisorException {
        frozen = freeze;
        disks.seal(freeze);
    }

    @Override
    public void run() throws HypervisorException {
        if (!ran) {
            // Changes nothing where it runs already; asking first would be a part of the downtime.
            monitor.execute("cont");
        }
        ran = true;
    }

    @Override
    public DiskReader openFrozenDisk(String disk) throws HypervisorException {
        if (!frozen) {
            throw new HypervisorException(Code.COMMAND_FAILED, "disk " + disk + " was not frozen");
        }
        return disks.openFrozen(QemuHypervisor.disk(definition, disk));
    }

    @Override
    public void thaw() throws HypervisorException {
        closeMemory();
        files.remove(paths.memory());
        disks.remove();
        frozen = false;
    }

    @Override
    public void destroy() throws HypervisorException {
        if (ran) {
            throw new HypervisorException(Code.COMMAND_FAILED, "the guest runs here; it is not destroyed");
        }
        memoryEvents.expectMemoryEnd(true);
        memoryEvents.expectEnd();
        closeMemory();
        disks.letGo();
        QemuEnding.end(monitor, process);
        monitor.close();
    }

    private void closeMemory() {
        memory.ifPresent(Closing::quietly);
        memory = Optional.empty();
    }

    @Override
    public void close() {
        memoryEvents.expectEnd();
        closeMemory();
        disks.letGo();
        monitor.close();
    }
}
