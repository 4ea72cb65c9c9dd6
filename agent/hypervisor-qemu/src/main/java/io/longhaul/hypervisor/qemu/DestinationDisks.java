package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskWriter;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.nbd.NbdClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The disks of a QEMU that waits for its guest: writable exports before the guest runs, and the state at the pause while
 * it runs. Owned by the session's thread.
 *
 * <p>The frozen state of a disk is a filter between the guest's device and its disk that copies what the guest is about
 * to overwrite into an overlay, and a node that reads the overlay where something was copied and the disk elsewhere:
 *
 * <pre>
 *   device ──► longhaul-c (copy-before-write) ──► disk
 *                  │  ▲                             ▲
 *                  ▼  └── longhaul-s (snapshot-access) ◄── read-only export
 *              longhaul-o (overlay file)
 * </pre>
 *
 * Overlay and filter are made beforehand and the rest afterwards, so that in the downtime only the device's drive is
 * changed.
 */
final class DestinationDisks {
    /** Requests under way at a time for one disk; beyond this QEMU's own queue gives no more. */
    private static final int CONNECTIONS = 4;

    private final BlockGraph graph;
    private final LedgerFiles files;
    private final QemuImages images;
    private final GuestPaths paths;
    private final List<Disk> disks;
    private final List<DiskWriter> writers = new ArrayList<>();
    private final List<DiskReader> readers = new ArrayList<>();
    /** Those whose frozen state can be read. */
    private final Set<String> frozen = new HashSet<>();

    DestinationDisks(BlockGraph graph, LedgerFiles files, QemuImages images, GuestPaths paths, List<Disk> disks) {
        this.graph = graph;
        this.files = files;
        this.images = images;
        this.paths = paths;
        this.disks = disks;
    }

    /** Makes exports, overlays and filters. QEMU waits for the guest's memory. */
    void prepare() throws HypervisorException {
        files.prepare(paths.blockServer());
        graph.startServer(paths.blockServer());
        for (Disk disk : disks) {
            graph.addExport(NodeNames.export(disk.name()), NodeNames.disk(disk.name()), true);
            prepareFilter(disk);
        }
    }

    private void prepareFilter(Disk disk) throws HypervisorException {
        Path overlay = GuestPaths.overlay(disk);
        files.prepare(overlay);
        images.create(new Disk(disk.name(), overlay, DiskFormat.QCOW2, disk.sizeBytes()));
        String node = NodeNames.overlay(disk.name());
        QmpMessages.FileNode file = QmpMessages.FileNode.unnamed(overlay);
        graph.addNode(new QmpMessages.OverlayNode("qcow2", node, file));
        graph.activate(node);
        String filter = NodeNames.filter(disk.name());
        graph.addNode(QmpMessages.CopyBeforeWriteNode.of(filter, NodeNames.disk(disk.name()), node));
        graph.activate(filter);
    }

    DiskWriter openWriter(Disk disk) throws HypervisorException {
        NbdClient client = connect(NodeNames.export(disk.name()), CONNECTIONS);
        writers.add(client);
        return client;
    }

    /** In the guest's downtime. */
    void seal(boolean freeze) throws HypervisorException {
        writers.forEach(DiskWriter::close);
        writers.clear();
        for (Disk disk : disks) {
            graph.releaseExport(NodeNames.export(disk.name()));
        }
        graph.awaitNoExports();
        if (!freeze) {
            return;
        }
        for (Disk disk : disks) {
            graph.setDrive(NodeNames.device(disk.name()), NodeNames.filter(disk.name()));
        }
    }

    /** The filter has kept what it takes since the disks were sealed; what reads it is made when it is wanted. */
    DiskReader openFrozen(Disk disk) throws HypervisorException {
        String snapshot = NodeNames.snapshot(disk.name());
        if (frozen.add(disk.name())) {
            graph.addNode(new QmpMessages.SnapshotNode("snapshot-access", snapshot, NodeNames.filter(disk.name())));
            graph.addExport(snapshot, snapshot, false);
        }
        NbdClient client = connect(snapshot, 1);
        readers.add(client);
        return client;
    }

    private NbdClient connect(String export, int connections) throws HypervisorException {
        try {
            return NbdClient.open(paths.blockServer(), export, connections);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "export " + export + ": " + e.getMessage(), e);
        }
    }

    /** Gives the devices their disks back and removes everything that was added. The guest may run. Idempotent. */
    void remove() throws HypervisorException {
        letGo();
        frozen.clear();
        graph.removeExports();
        for (Disk disk : disks) {
            graph.removeNode(NodeNames.snapshot(disk.name()));
            String device = NodeNames.device(disk.name());
            if (graph.driveOf(device).equals(NodeNames.filter(disk.name()))) {
                graph.setDrive(device, NodeNames.disk(disk.name()));
            }
        }
        for (Disk disk : disks) {
            graph.removeNode(NodeNames.filter(disk.name()));
            graph.removeNode(NodeNames.overlay(disk.name()));
        }
        graph.stopServer();
        removeFiles();
    }

    /** Once QEMU has gone, or as the last part of {@link #remove()}. Idempotent. */
    void removeFiles() throws HypervisorException {
        letGo();
        for (Disk disk : disks) {
            files.remove(GuestPaths.overlay(disk));
        }
        files.remove(paths.blockServer());
    }

    /** Closes our ends only. */
    void letGo() {
        writers.forEach(DiskWriter::close);
        writers.clear();
        readers.forEach(DiskReader::close);
        readers.clear();
    }
}
