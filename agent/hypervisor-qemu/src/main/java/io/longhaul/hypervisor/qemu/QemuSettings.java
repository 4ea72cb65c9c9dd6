package io.longhaul.hypervisor.qemu;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How to run QEMU on this machine. Immutable.
 *
 * @param emulator for example {@code qemu-system-x86_64}; a plain name is looked for on the PATH
 * @param imageTool for example {@code qemu-img}
 * @param blockServer for example {@code qemu-nbd}
 * @param socketFolder takes sockets and PID files; must be short, as a unix socket's path has 107 bytes at most
 * @param startDeadline how long QEMU may take to start
 * @param commandDeadline how long a QMP command may take; longer than {@code reconnectDelay}, because a guest that is
 *     paused waits that long for a mirror that has gone, and QEMU answers nobody meanwhile
 * @param reconnectDelay how long a guest's write waits for a mirror that has gone (an agent that restarts) before the
 *     mirror is given up
 */
public record QemuSettings(
        Path emulator,
        Path imageTool,
        Path blockServer,
        Path socketFolder,
        Duration startDeadline,
        Duration commandDeadline,
        Duration reconnectDelay) {

    public QemuSettings {
        if (commandDeadline.compareTo(reconnectDelay) <= 0) {
            throw new IllegalArgumentException("commandDeadline " + commandDeadline
                    + " must be longer than reconnectDelay " + reconnectDelay
                    + ": a paused guest's QEMU answers nobody while it waits for a mirror to come back");
        }
        socketFolder = socketFolder.toAbsolutePath().normalize();
    }

    /** What suits most machines. */
    public static QemuSettings defaults(Path socketFolder) {
        return new QemuSettings(
                Path.of("qemu-system-x86_64"),
                Path.of("qemu-img"),
                Path.of("qemu-nbd"),
                socketFolder,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Duration.ofSeconds(8));
    }
}
