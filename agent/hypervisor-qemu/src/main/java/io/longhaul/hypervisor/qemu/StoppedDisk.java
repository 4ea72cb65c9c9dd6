package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.nbd.NbdClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the disk of a machine that does not run, through a qemu-nbd of its own. One thread at a time. */
final class StoppedDisk implements DiskReader {
    private static final Logger log = LoggerFactory.getLogger(StoppedDisk.class);
    private static final String EXPORT = "disk";
    private static final Duration ENDING = Duration.ofSeconds(5);

    private final NbdClient client;
    private final QemuProcess server;
    private final Path socket;
    private final Path pidFile;
    private final LedgerFiles files;

    private StoppedDisk(NbdClient client, QemuProcess server, Path socket, Path pidFile, LedgerFiles files) {
        this.client = client;
        this.server = server;
        this.socket = socket;
        this.pidFile = pidFile;
        this.files = files;
    }

    static DiskReader open(QemuSettings settings, GuestPaths paths, int diskIndex, Disk disk, LedgerFiles files)
            throws HypervisorException {
        Path socket = paths.stoppedDisk(diskIndex);
        Path pidFile = paths.stoppedDiskPidFile(diskIndex);
        QemuProcess server = new QemuProcess(pidFile);
        server.awaitEnd(ENDING);
        files.prepare(socket);
        files.prepare(pidFile);
        files.record(server.artefact());
        try {
            Tool.Ending ending = Tool.run(
                    command(settings, disk, socket, pidFile), new ToolFolder(settings), settings.startDeadline());
            if (!ending.succeeded()) {
                throw new IOException(ending.output());
            }
            return new StoppedDisk(NbdClient.open(socket, EXPORT, 1), server, socket, pidFile, files);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "reading disk " + disk.file() + ": " + e.getMessage(), e);
        }
    }

    private static List<String> command(QemuSettings settings, Disk disk, Path socket, Path pidFile) {
        return List.of(
                settings.blockServer().toString(),
                "--fork",
                "--read-only",
                "--format=" + QmpMessages.driverOf(disk.format()),
                "--export-name=" + EXPORT,
                "--pid-file=" + pidFile,
                "--socket=" + socket,
                disk.file().toString());
    }

    @Override
    public long sizeBytes() {
        return client.sizeBytes();
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        client.read(offset, into);
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) throws IOException {
        return client.extents(offset, lengthBytes);
    }

    /** The server ends with its only client; if it does not, it is killed. */
    @Override
    public void close() {
        client.close();
        try {
            server.awaitEnd(ENDING);
            files.remove(socket);
            files.remove(pidFile);
            files.release(server.artefact());
        } catch (HypervisorException e) {
            log.warn("{}; it stays in the ledger", e.getMessage());
        }
    }
}
