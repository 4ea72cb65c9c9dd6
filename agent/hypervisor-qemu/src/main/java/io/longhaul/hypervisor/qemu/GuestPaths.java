package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the sockets and files of one guest's QEMU are: always the same, so that an agent finds them again after a
 * restart. Immutable.
 */
final class GuestPaths {
    /** sockaddr_un has 108 bytes on Linux, the last of them zero. */
    static final int LONGEST_SOCKET_PATH_BYTES = 107;

    /** The longest name that is put behind the guest's id, with room for a disk's number. */
    private static final String LONGEST_SUFFIX = ".disk-9999";

    private static final Pattern PID_FILE = Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.pid");

    private final Path folder;
    private final UUID guest;

    private GuestPaths(Path folder, UUID guest) {
        this.folder = folder;
        this.guest = guest;
    }

    static GuestPaths of(QemuSettings settings, UUID guest) throws HypervisorException {
        GuestPaths paths = new GuestPaths(settings.socketFolder(), guest);
        Path longest = paths.named(LONGEST_SUFFIX);
        int length = longest.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET_PATH_BYTES) {
            throw new HypervisorException(
                    Code.START_FAILED,
                    "the socket folder's path is too long: " + longest + " has " + length
                            + " bytes, a unix socket's path" + " at most " + LONGEST_SOCKET_PATH_BYTES
                            + "; choose a folder with a shorter path");
        }
        return paths;
    }

    /** Answers the agent that runs the machine. */
    Path hostMonitor() {
        return named(".qmp");
    }

    /** Answers the session that moves the machine: a QMP socket serves one client at a time. */
    Path moveMonitor() {
        return named(".move");
    }

    Path pidFile() {
        return named(".pid");
    }

    /** The guest that a PID file of this name belongs to; empty where it is another program's. */
    static Optional<UUID> guestOf(Path pidFile) {
        Matcher name = PID_FILE.matcher(pidFile.getFileName().toString());
        return name.matches() ? Optional.of(UUID.fromString(name.group(1))) : Optional.empty();
    }

    /** What QEMU said while it started. */
    Path startLog() {
        return named(".log");
    }

    Path blockServer() {
        return named(".nbd");
    }

    Path memory() {
        return named(".memory");
    }

    /** Ours: the target of the mirrors. */
    Path mirrors() {
        return named(".mirrors");
    }

    Path stoppedDisk(int diskIndex) {
        return named(".disk-" + diskIndex);
    }

    Path stoppedDiskPidFile(int diskIndex) {
        return named(".pid-" + diskIndex);
    }

    /** Takes what the running guest overwrites while the disk's frozen state is read. Beside the disk: there is room. */
    static Path overlay(GuestDefinition.Disk disk) {
        return disk.file().resolveSibling(disk.file().getFileName() + ".frozen");
    }

    /** What a machine has for as long as it runs. */
    List<Path> ofMachine() {
        return List.of(hostMonitor(), moveMonitor(), pidFile(), startLog());
    }

    private Path named(String suffix) {
        return folder.resolve(guest + suffix);
    }
}
