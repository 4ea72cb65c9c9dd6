package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.MirrorSink;
import io.longhaul.engine.nbd.MirrorExport;
import io.longhaul.engine.nbd.NbdClient;
import io.longhaul.engine.nbd.NbdServer;
import io.longhaul.hypervisor.qemu.qmp.QmpEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * What a migration adds to the running guest's disks: read-only exports, and mirrors into our own NBD server. Owned by
 * the session's thread, but for {@link #onEvent}, which the event thread calls.
 */
final class SourceDisks {
    private final Monitor monitor;
    private final EventSignal signal;
    private final BlockGraph graph;
    private final LedgerFiles files;
    private final GuestPaths paths;
    private final QemuSettings settings;
    private final ThreadFactory threads;
    private final List<DiskReader> readers = new ArrayList<>();
    private final Map<String, String> diskOfJob = new ConcurrentHashMap<>();
    /** Mirrors that must be whole when the disks are closed; unlike the map above, one that failed stays in it. */
    private final Map<String, String> mirrors = new HashMap<>();

    private Optional<NbdServer> mirrorServer = Optional.empty();
    private final Map<String, String> endings = new ConcurrentHashMap<>();
    private volatile boolean completing;
    private final Set<String> exports = new LinkedHashSet<>();
    private boolean exporting;

    SourceDisks(
            Monitor monitor,
            EventSignal signal,
            LedgerFiles files,
            GuestPaths paths,
            QemuSettings settings,
            ThreadFactory threads) {
        this.monitor = monitor;
        this.signal = signal;
        this.graph = new BlockGraph(monitor, signal);
        this.files = files;
        this.paths = paths;
        this.settings = settings;
        this.threads = threads;
    }

    DiskReader openReader(Disk disk) throws HypervisorException {
        if (!exporting) {
            files.prepare(paths.blockServer());
            graph.startServer(paths.blockServer());
            exporting = true;
        }
        String export = NodeNames.export(disk.name());
        if (monitor.exports().stream().noneMatch(one -> one.id().equals(export))) {
            graph.addExport(export, NodeNames.disk(disk.name()), false);
        }
        exports.add(export);
        try {
            DiskReader reader = NbdClient.open(paths.blockServer(), export, 1);
            readers.add(reader);
            return reader;
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "reading disk " + disk.name() + ": " + e.getMessage(), e);
        }
    }

    /** Returns when every write goes to the sink too. */
    void startMirror(Disk disk, MirrorSink sink) throws HypervisorException {
        String job = NodeNames.mirrorJob(disk.name());
        String node = NodeNames.mirrorNode(disk.name());
        if (monitor.jobs().stream().anyMatch(one -> one.device().equals(job))) {
            throw new HypervisorException(Code.COMMAND_FAILED, "disk " + disk.name() + " is mirrored already");
        }
        graph.removeNode(node);
        NbdServer server = mirrorServer();
        server.removeExport(node);
        server.addExport(node, new MirrorExport(disk.sizeBytes(), sink));
        QmpMessages.UnixAddress address =
                new QmpMessages.UnixAddress("unix", paths.mirrors().toString());
        graph.addNode(new QmpMessages.MirrorNode(
                "nbd", node, address, node, settings.reconnectDelay().toSeconds()));
        diskOfJob.put(job, disk.name());
        monitor.execute("blockdev-mirror", QmpMessages.MirrorStart.of(job, NodeNames.disk(disk.name()), node));
        signal.await("disk " + disk.name() + " being mirrored", monitor.commandDeadline(), () -> job(job).ready());
        mirrors.put(job, disk.name());
    }

    private QmpMessages.Job job(String name) throws HypervisorException {
        return monitor.jobs().stream()
                .filter(one -> one.device().equals(name))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(Code.DISK_FAILED, "the mirror " + name + " has failed"));
    }

    private NbdServer mirrorServer() throws HypervisorException {
        if (mirrorServer.isEmpty()) {
            files.prepare(paths.mirrors());
            try {
                mirrorServer = Optional.of(NbdServer.open(paths.mirrors(), threads));
            } catch (IOException e) {
                throw new HypervisorException(Code.COMMAND_FAILED, "listening at " + paths.mirrors(), e);
            }
        }
        return mirrorServer.get();
    }

    /** Tells of a mirror that ended without having been asked to. */
    void onEvent(QmpEvent event, GuestEvents events) {
        boolean ended =
                event.name().equals("BLOCK_JOB_COMPLETED") || event.name().equals("BLOCK_JOB_CANCELLED");
        if (!ended) {
            return;
        }
        String job = event.text("device");
        String reason = event.text("error");
        if (completing) {
            // One that had not caught up once is broken off, not completed.
            boolean brokenOff = event.name().equals("BLOCK_JOB_CANCELLED") && reason.isEmpty();
            endings.put(job, brokenOff ? "it was not ready" : reason);
            return;
        }
        String disk = diskOfJob.remove(job);
        if (disk != null) {
            events.mirrorFailed(disk, reason.isEmpty() ? "QEMU ended the mirror" : reason);
        }
    }

    /** The guest stands still: ends the mirrors in such a way that they first give the sinks all that is left. */
    void completeMirrors() throws HypervisorException {
        completing = true;
        for (String job : mirrors.keySet()) {
            completeMirror(job);
        }
        signal.await(
                "the mirrors being complete",
                monitor.commandDeadline(),
                () -> endings.keySet().containsAll(mirrors.keySet()));
        for (Map.Entry<String, String> mirror : mirrors.entrySet()) {
            String error = endings.getOrDefault(mirror.getKey(), "");
            if (!error.isEmpty()) {
                throw new HypervisorException(
                        Code.DISK_FAILED, "the mirror of disk " + mirror.getValue() + " has failed: " + error);
            }
        }
        mirrors.clear();
    }

    private void completeMirror(String job) throws HypervisorException {
        try {
            monitor.execute("block-job-cancel", new QmpMessages.JobCancel(job, false));
        } catch (HypervisorException e) {
            if (e.code() == Code.COMMAND_FAILED) {
                throw new HypervisorException(Code.DISK_FAILED, "the mirror " + job + " has failed", e);
            }
            throw e;
        }
    }

    /**
     * In the guest's downtime: ends what could still change a disk or hold it, and leaves the rest, which costs time and
     * disturbs nobody, to {@link #remove()}.
     */
    void close() throws HypervisorException {
        completeMirrors();
        diskOfJob.clear();
        for (String export : exports) {
            graph.releaseExport(export);
        }
        exports.clear();
    }

    /** Their exports have been released: they read nothing any more. */
    void closeReaders() {
        readers.forEach(DiskReader::close);
        readers.clear();
    }

    /** Ends what could hold the guest up, whoever started it. Writes nothing to disk. Idempotent. */
    void end() throws HypervisorException {
        mirrors.clear();
        diskOfJob.clear();
        completing = false;
        endings.clear();
        graph.cancelJobs();
        readers.forEach(DiskReader::close);
        readers.clear();
        exports.clear();
        graph.removeExports();
    }

    /** Removes everything, also what an agent before this one has left. Idempotent. */
    void remove() throws HypervisorException {
        end();
        graph.removeMirrorNodes();
        graph.stopServer();
        removeFiles();
    }

    /** Once QEMU has gone, or as the last part of {@link #remove()}. Idempotent. */
    void removeFiles() throws HypervisorException {
        letGo();
        exporting = false;
        files.remove(paths.mirrors());
        files.remove(paths.blockServer());
    }

    /** Closes our ends only. */
    void letGo() {
        readers.forEach(DiskReader::close);
        readers.clear();
        mirrorServer.ifPresent(NbdServer::close);
        mirrorServer = Optional.empty();
    }
}
