package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What migrations add to a QEMU's block layer, and its removal. Thread safe. Removal finds the things by their names'
 * prefix in QEMU itself, so it also works for an agent that did not make them.
 */
final class BlockGraph {
    /** A mirror whose NBD server does not answer hangs; after this its connection is broken by force. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Monitor monitor;
    private final EventSignal signal;

    BlockGraph(Monitor monitor, EventSignal signal) {
        this.monitor = monitor;
        this.signal = signal;
    }

    void startServer(Path socket) throws HypervisorException {
        monitor.execute("nbd-server-start", QmpMessages.BlockServerStart.on(socket));
    }

    void stopServer() throws HypervisorException {
        try {
            monitor.execute("nbd-server-stop");
        } catch (HypervisorException e) {
            refuseUnlessSaid(e, "not running");
        }
    }

    void addExport(String id, String node, boolean writable) throws HypervisorException {
        monitor.execute("block-export-add", QmpMessages.ExportAdd.of(id, node, writable));
    }

    /** Asks for the end of an export and does not wait for it: {@link #removeExports} does. */
    void releaseExport(String id) throws HypervisorException {
        monitor.post("block-export-del", QmpMessages.ExportDelete.hard(id));
    }

    /** Removes all exports of migrations, with their connections. */
    void removeExports() throws HypervisorException {
        for (QmpMessages.Export export : monitor.exports()) {
            if (!export.shuttingDown()) {
                deleteExport(export.id());
            }
        }
        awaitNoExports();
    }

    /** After {@link #releaseExport} of all there are. */
    void awaitNoExports() throws HypervisorException {
        signal.await(
                "the end of the exports",
                monitor.commandDeadline(),
                () -> monitor.exports().isEmpty());
    }

    private void deleteExport(String id) throws HypervisorException {
        try {
            monitor.execute("block-export-del", QmpMessages.ExportDelete.hard(id));
        } catch (HypervisorException e) {
            refuseUnlessSaid(e, "not found");
        }
    }

    /** Ends all jobs of migrations and waits until none is left. What a mirror was given before is complete. */
    void cancelJobs() throws HypervisorException {
        cancelAll(monitor.jobs());
        try {
            signal.await(
                    "the end of the mirrors", PATIENCE, () -> monitor.jobs().isEmpty());
        } catch (HypervisorException e) {
            if (e.code() != Code.TIMED_OUT) {
                throw e;
            }
            breakConnections();
            signal.await(
                    "the end of the mirrors",
                    monitor.commandDeadline(),
                    () -> monitor.jobs().isEmpty());
        }
    }

    private void cancelAll(List<QmpMessages.Job> jobs) throws HypervisorException {
        for (QmpMessages.Job job : jobs) {
            try {
                monitor.execute("block-job-cancel", new QmpMessages.JobCancel(job.device(), true));
            } catch (HypervisorException e) {
                // One that has just ended by itself is as good as one that was ended.
                refuseUnlessSaid(e, "not found");
            }
        }
    }

    private void breakConnections() throws HypervisorException {
        List<QmpMessages.YankInstance> instances = monitor.nodes().stream()
                .filter(node -> node.driver().equals("nbd"))
                .map(node -> new QmpMessages.YankInstance("block-node", node.nodeName()))
                .toList();
        if (!instances.isEmpty()) {
            monitor.execute("yank", new QmpMessages.Yank(instances));
        }
    }

    void addNode(Object node) throws HypervisorException {
        monitor.execute("blockdev-add", node);
    }

    /** Nodes that are added while QEMU waits for a guest's memory are inactive and stay so. */
    void activate(String node) throws HypervisorException {
        monitor.execute("blockdev-set-active", new QmpMessages.NodeActive(node, true));
    }

    /** Removes a node, whoever made it. Idempotent. */
    void removeNode(String name) throws HypervisorException {
        if (monitor.nodes().stream().anyMatch(node -> node.nodeName().equals(name))) {
            monitor.execute("blockdev-del", new QmpMessages.NodeDelete(name));
        }
    }

    /** Removes what mirrors wrote to, whoever made it. The mirrors have ended. */
    void removeMirrorNodes() throws HypervisorException {
        for (QmpMessages.Node node : monitor.nodes()) {
            if (node.nodeName().startsWith(NodeNames.MIRROR)) {
                monitor.execute("blockdev-del", new QmpMessages.NodeDelete(node.nodeName()));
            }
        }
    }

    /** What the device's drive is now. */
    String driveOf(String device) throws HypervisorException {
        return monitor.execute("qom-get", QmpMessages.PropertyGet.drive(device)).asString("");
    }

    void setDrive(String device, String node) throws HypervisorException {
        monitor.execute("qom-set", QmpMessages.PropertySet.drive(device, node));
    }

    private static void refuseUnlessSaid(HypervisorException error, String words) throws HypervisorException {
        if (error.code() != Code.COMMAND_FAILED
                || !String.valueOf(error.getMessage()).contains(words)) {
            throw error;
        }
    }
}
