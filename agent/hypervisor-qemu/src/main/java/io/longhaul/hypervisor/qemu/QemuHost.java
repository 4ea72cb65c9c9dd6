package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.support.KeyedLocks;
import io.longhaul.hypervisor.qemu.qmp.QmpEvent;
import io.longhaul.hypervisor.qemu.qmp.QmpListener;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The life of this host's machines outside of migrations: their disks, start, stop and state. Thread safe; calls that
 * change one machine must not be under way at the same time, questions may come at any. Everything blocks. Machines
 * outlive it: a new one finds them again by their PID files and sockets.
 */
public final class QemuHost implements AutoCloseable {
    private static final Duration PRESS_INTERVAL = Duration.ofSeconds(3);
    private static final Duration UNREACHABLE_AT_MOST = Duration.ofSeconds(5);

    private final QemuSettings settings;
    private final QemuImages images;
    private final QemuLauncher launcher;
    private final ThreadFactory threads;
    private final GuestEndListener listener;
    private final ConcurrentMap<UUID, Monitor> monitors = new ConcurrentHashMap<>();
    private final KeyedLocks<UUID> connecting = new KeyedLocks<>();

    /**
     * @param accelerator one that works here, see {@link QemuInventory}
     * @param threads makes two threads for each machine that is watched
     * @param listener hears of the end of each machine that was started or found
     */
    public QemuHost(QemuSettings settings, Accelerator accelerator, ThreadFactory threads, GuestEndListener listener) {
        this.settings = settings;
        this.images = new QemuImages(settings);
        this.launcher = new QemuLauncher(settings, accelerator);
        this.threads = threads;
        this.listener = listener;
    }

    /** Makes an empty image of the exact size; never replaces a file. */
    public void createDisk(Disk disk) throws HypervisorException {
        images.create(disk);
    }

    /** The size a guest would see of this image, which must be of this format and hold all of its data. */
    public long diskSizeBytes(Path file, DiskFormat format) throws HypervisorException {
        return images.sizeBytes(file, format);
    }

    /**
     * Starts the machine from the beginning and watches it.
     *
     * @throws HypervisorException START_FAILED with QEMU's words; nothing of it runs then
     */
    public void start(GuestDefinition definition) throws HypervisorException {
        requireSizes(definition);
        forgetEnded(definition.id());
        GuestPaths paths = GuestPaths.of(settings, definition.id());
        launcher.launch(definition, paths, false);
        try {
            watch(definition.id(), paths).execute("cont");
        } catch (HypervisorException e) {
            forceOff(definition.id());
            throw e;
        }
    }

    private void requireSizes(GuestDefinition definition) throws HypervisorException {
        for (Disk disk : definition.disks()) {
            long size = images.sizeBytes(disk.file(), disk.format());
            if (size != disk.sizeBytes()) {
                throw new HypervisorException(
                        Code.START_FAILED,
                        "disk " + disk.name() + ": " + disk.file() + " has " + size + " bytes, the definition says "
                                + disk.sizeBytes());
            }
        }
    }

    /**
     * Finds a machine that runs already, started by an agent before this one or arrived by a migration, and watches it.
     * Idempotent.
     *
     * @return false where it has no QEMU
     */
    public boolean find(UUID guest) throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, guest);
        if (!new QemuProcess(paths.pidFile()).isAlive()) {
            return false;
        }
        watch(guest, paths);
        return true;
    }

    /** The machines whose QEMU is alive, by the PID files in the socket folder. */
    public Set<UUID> running() throws HypervisorException {
        Set<UUID> running = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(settings.socketFolder(), "*.pid")) {
            for (Path file : files) {
                GuestPaths.guestOf(file)
                        .filter(guest -> new QemuProcess(file).isAlive())
                        .ifPresent(running::add);
            }
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException | DirectoryIteratorException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "reading " + settings.socketFolder() + ": " + e, e);
        }
        return running;
    }

    /** How the machine stands now. Waits for a QEMU that has just begun or is just ending. */
    public GuestState state(UUID guest) throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, guest);
        AtomicReference<GuestState> state = new AtomicReference<>(GuestState.STOPPED);
        new EventSignal()
                .await("an answer of the QEMU of " + guest, UNREACHABLE_AT_MOST, () -> tells(paths, guest, state));
        return Objects.requireNonNull(state.get());
    }

    /**
     * @return false where there is a QEMU that does not listen: it makes its sockets after its PID file, and closes them
     *     before it gives its guest's memory back
     */
    private boolean tells(GuestPaths paths, UUID guest, AtomicReference<GuestState> state) throws HypervisorException {
        if (!new QemuProcess(paths.pidFile()).isAlive()) {
            state.set(GuestState.STOPPED);
            return true;
        }
        try {
            state.set(GuestState.of(watch(guest, paths).status().status()));
            return true;
        } catch (HypervisorException e) {
            if (e.code() != Code.GUEST_GONE) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Asks the guest to switch itself off. Idempotent.
     *
     * @throws HypervisorException TIMED_OUT where it has not by the deadline; it runs on
     */
    public void shutDown(UUID guest, Duration deadline) throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, guest);
        QemuProcess process = new QemuProcess(paths.pidFile());
        if (process.isAlive()) {
            pressUntilEnded(guest, paths, process, deadline);
        }
        forget(guest, paths);
    }

    /** A guest that is still booting misses the first press; one that is shutting down takes no notice of another. */
    private void pressUntilEnded(UUID guest, GuestPaths paths, QemuProcess process, Duration deadline)
            throws HypervisorException {
        EventSignal signal = new EventSignal();
        Duration left = deadline;
        while (left.compareTo(PRESS_INTERVAL) > 0) {
            if (endsAfterPress(guest, paths, process, signal)) {
                return;
            }
            left = left.minus(PRESS_INTERVAL);
        }
        press(guest, paths);
        signal.await("the guest " + guest + " switching itself off", left, () -> !process.isAlive());
    }

    private boolean endsAfterPress(UUID guest, GuestPaths paths, QemuProcess process, EventSignal signal)
            throws HypervisorException {
        press(guest, paths);
        try {
            signal.await("the end of " + guest, PRESS_INTERVAL, () -> !process.isAlive());
            return true;
        } catch (HypervisorException e) {
            if (e.code() != Code.TIMED_OUT) {
                throw e;
            }
            return false;
        }
    }

    /** QEMU may end before it answers. */
    private void press(UUID guest, GuestPaths paths) throws HypervisorException {
        try {
            watch(guest, paths).execute("system_powerdown");
        } catch (HypervisorException e) {
            if (e.code() != Code.GUEST_GONE && e.code() != Code.TIMED_OUT) {
                throw e;
            }
        }
    }

    /** Ends the machine as if its power were cut; one whose QEMU is silent is killed. Idempotent. */
    public void forceOff(UUID guest) throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, guest);
        QemuProcess process = new QemuProcess(paths.pidFile());
        if (process.isAlive()) {
            if (!quits(guest)) {
                process.askToEnd();
            }
            process.awaitEnd(settings.commandDeadline());
        }
        forget(guest, paths);
    }

    private boolean quits(UUID guest) {
        forgetEnded(guest);
        Monitor known = monitors.get(guest);
        if (known == null) {
            return false;
        }
        try {
            known.execute("quit");
            return true;
        } catch (HypervisorException silent) {
            return false;
        }
    }

    /**
     * QEMU serves one client of a monitor at a time and leaves a second without a greeting: who comes while another connects
     * waits, as long as one attempt may take.
     */
    private Monitor watch(UUID guest, GuestPaths paths) throws HypervisorException {
        try {
            return connecting.with(guest, settings.commandDeadline(), () -> watchAlone(guest, paths));
        } catch (TimeoutException e) {
            throw new HypervisorException(
                    Code.TIMED_OUT,
                    "the QEMU of " + guest + " has not answered whoever connects to it for "
                            + settings.commandDeadline(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(Code.TIMED_OUT, "interrupted connecting to the QEMU of " + guest, e);
        }
    }

    private Monitor watchAlone(UUID guest, GuestPaths paths) throws HypervisorException {
        forgetEnded(guest);
        Monitor known = monitors.get(guest);
        if (known != null) {
            return known;
        }
        Monitor fresh = Monitor.connect(paths.hostMonitor(), settings, threads, new EndWatch(guest));
        monitors.put(guest, fresh);
        // It may have ended before it was there to be forgotten.
        forgetEnded(guest);
        return fresh;
    }

    private void forgetEnded(UUID guest) {
        monitors.computeIfPresent(guest, (id, monitor) -> monitor.hasEnded() ? null : monitor);
    }

    private void forget(UUID guest, GuestPaths paths) throws HypervisorException {
        Monitor monitor = monitors.remove(guest);
        if (monitor != null) {
            monitor.close();
        }
        try {
            for (Path file : paths.ofMachine()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "removing a stopped guest's sockets: " + e, e);
        }
    }

    /** Stops watching; the machines run on. */
    @Override
    public void close() {
        monitors.values().forEach(Monitor::close);
        monitors.clear();
    }

    private final class EndWatch implements QmpListener {
        private final UUID guest;
        private String reason = "";

        EndWatch(UUID guest) {
            this.guest = guest;
        }

        @Override
        public void event(QmpEvent event) {
            if (event.name().equals("SHUTDOWN")) {
                reason = event.text("reason");
            }
        }

        @Override
        public void disconnected(String connectionReason) {
            forgetEnded(guest);
            listener.guestEnded(guest, reason.isEmpty() ? QemuEnd.words("", connectionReason, List.of()) : reason);
        }
    }
}
