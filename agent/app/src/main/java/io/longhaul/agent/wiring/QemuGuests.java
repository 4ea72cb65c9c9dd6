package io.longhaul.agent.wiring;

import io.longhaul.agent.vms.GuestHost;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.hypervisor.qemu.QemuHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Guests run by QEMU. Thread safe. */
final class QemuGuests implements GuestHost {
    private static final Logger LOG = LoggerFactory.getLogger(QemuGuests.class);
    private static final long KIBIBYTE = 1024;

    private final QemuHost host;
    private final Path socketFolder;

    QemuGuests(QemuHost host, Path socketFolder) {
        this.host = host;
        this.socketFolder = socketFolder;
    }

    @Override
    public void start(GuestDefinition guest) throws HypervisorException {
        host.start(guest);
    }

    @Override
    public void stop(UUID guestId, boolean force, Duration timeout) throws HypervisorException {
        if (force) {
            host.forceOff(guestId);
        } else {
            host.shutDown(guestId, timeout);
        }
    }

    /** A QEMU that does not answer is there, and can only be ended. */
    @Override
    public GuestState state(UUID guestId) {
        try {
            return switch (host.state(guestId)) {
                case RUNNING -> GuestState.RUNNING;
                case PAUSED -> GuestState.PAUSED;
                case STOPPED -> GuestState.ABSENT;
                case FAILED -> GuestState.BROKEN;
            };
        } catch (HypervisorException e) {
            LOG.warn("The QEMU of the guest {} does not tell how it is: {} {}", guestId, e.code(), e.getMessage());
            return GuestState.BROKEN;
        }
    }

    @Override
    public Set<UUID> running() {
        try {
            return host.running();
        } catch (HypervisorException e) {
            LOG.warn("Guests that nobody knows of are not looked for: {}", e.getMessage());
            return Set.of();
        }
    }

    /** The PID file is QEMU's own; one that is stale only makes the figure wrong, in the careful direction. */
    @Override
    public long residentBytes(UUID guestId) {
        try {
            String pid = Files.readString(socketFolder.resolve(guestId + ".pid"), StandardCharsets.US_ASCII)
                    .strip();
            if (!pid.matches("[0-9]{1,10}") || !runsGuest(pid, guestId)) {
                return 0;
            }
            return Files.readAllLines(Path.of("/proc", pid, "status"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIBIBYTE)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static boolean runsGuest(String pid, UUID guestId) throws IOException {
        return Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.ISO_8859_1)
                .contains(guestId.toString());
    }

    @Override
    public void createImage(Path file, GuestDefinition.DiskFormat format, long sizeBytes) throws HypervisorException {
        host.createDisk(new GuestDefinition.Disk(file.getFileName().toString(), file, format, sizeBytes));
    }

    @Override
    public long imageSizeBytes(Path file, GuestDefinition.DiskFormat format) throws HypervisorException {
        return host.diskSizeBytes(file, format);
    }
}
