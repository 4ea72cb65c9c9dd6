package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.support.Ticker;
import io.longhaul.hypervisor.qemu.qmp.QmpEvent;
import io.longhaul.hypervisor.qemu.qmp.QmpListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;

/**
 * What this machine's QEMU can do. Immutable; read once, when the agent starts.
 *
 * @param version for example {@code 10.0.2}
 * @param accelerator the fastest that really runs a guest here
 * @param cpuModels models of which this machine has every feature
 * @param machineTypes versioned, so that they mean the same at every host that has them
 * @param machineAliases for example {@code q35} to {@code pc-q35-10.0}; what they mean differs between hosts
 */
public record QemuInventory(
        String version,
        Accelerator accelerator,
        List<String> cpuModels,
        List<String> machineTypes,
        Map<String, String> machineAliases) {

    /** The first that moves a guest under TCG without damage; measured, see the message below. */
    private static final int OLDEST_MAJOR_UNDER_TCG = 10;

    /** Emulation needs some hundred milliseconds, and seconds on a host that starts a hundred guests. */
    private static final Duration PROBE_DEADLINE = Duration.ofSeconds(30);

    public QemuInventory {
        cpuModels = List.copyOf(cpuModels);
        machineTypes = List.copyOf(machineTypes);
        machineAliases = Map.copyOf(machineAliases);
    }

    /**
     * Asks QEMU, and tries its accelerators. Blocks for seconds. Call at the start, before anything else: it removes what
     * programs of a killed agent have left.
     *
     * @throws HypervisorException START_FAILED where there is no QEMU, none that runs guests, or one that damages them
     */
    public static QemuInventory read(QemuSettings settings, ThreadFactory threads) throws HypervisorException {
        emptyToolFolder(settings);
        Accelerator accelerator = new AcceleratorProbe(settings, PROBE_DEADLINE, Ticker.system()).find();
        Path pidFile = settings.socketFolder().resolve("inventory-" + UUID.randomUUID() + ".pid");
        Path socket = pidFile.resolveSibling(pidFile.getFileName().toString().replace(".pid", ".qmp"));
        requireLength(socket);
        QemuProcess process = new QemuProcess(pidFile);
        try {
            launch(settings, accelerator, pidFile, socket);
            try (Monitor monitor = Monitor.connect(socket, settings, threads, new NoListener())) {
                return ask(monitor, accelerator);
            } finally {
                process.handle().ifPresent(ProcessHandle::destroyForcibly);
                process.awaitEnd(settings.commandDeadline());
            }
        } finally {
            remove(pidFile);
            remove(socket);
        }
    }

    private static void emptyToolFolder(QemuSettings settings) throws HypervisorException {
        try {
            new ToolFolder(settings).empty();
        } catch (IOException e) {
            throw new HypervisorException(Code.START_FAILED, "the socket folder cannot be used: " + e, e);
        }
    }

    private static void requireLength(Path socket) throws HypervisorException {
        if (socket.toString().length() > GuestPaths.LONGEST_SOCKET_PATH_BYTES) {
            throw new HypervisorException(
                    Code.START_FAILED,
                    "the socket folder's path is too long for " + socket + "; choose a folder with a shorter path");
        }
    }

    private static void launch(QemuSettings settings, Accelerator accelerator, Path pidFile, Path socket)
            throws HypervisorException {
        List<String> command = List.of(
                settings.emulator().toString(),
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-machine",
                "none,accel=" + accelerator.option(),
                "-S",
                "-daemonize",
                "-pidfile",
                pidFile.toString(),
                "-chardev",
                "socket,id=host,server=on,wait=off,path=" + QemuCommandLine.escaped(socket.toString()),
                "-mon",
                "chardev=host,mode=control");
        try {
            Files.createDirectories(settings.socketFolder());
            Tool.Ending ending = Tool.run(command, new ToolFolder(settings), settings.startDeadline());
            if (!ending.succeeded()) {
                throw new IOException(ending.output());
            }
        } catch (IOException e) {
            throw new HypervisorException(Code.START_FAILED, "QEMU could not be asked: " + e.getMessage(), e);
        }
    }

    private static QemuInventory ask(Monitor monitor, Accelerator accelerator) throws HypervisorException {
        QmpMessages.VersionNumber version =
                monitor.query("query-version", QmpMessages.Version.class).qemu();
        String words = version.major() + "." + version.minor() + "." + version.micro();
        requireVersion(version.major(), words, accelerator);
        List<QmpMessages.Machine> machines =
                Arrays.asList(monitor.query("query-machines", QmpMessages.Machine[].class));
        return new QemuInventory(
                words,
                accelerator,
                Arrays.stream(monitor.query("query-cpu-definitions", QmpMessages.CpuDefinition[].class))
                        .filter(cpu ->
                                cpu.unavailableFeatures().orElse(List.of()).isEmpty())
                        .map(QmpMessages.CpuDefinition::name)
                        .sorted()
                        .toList(),
                machines.stream()
                        .map(QmpMessages.Machine::name)
                        .filter(QemuInventory::isVersioned)
                        .sorted()
                        .toList(),
                machines.stream()
                        .filter(machine -> machine.alias().isPresent())
                        .collect(
                                Collectors.toMap(machine -> machine.alias().orElseThrow(), QmpMessages.Machine::name)));
    }

    static void requireVersion(int major, String version, Accelerator accelerator) throws HypervisorException {
        if (accelerator == Accelerator.TCG && major < OLDEST_MAJOR_UNDER_TCG) {
            throw new HypervisorException(
                    Code.START_FAILED,
                    "QEMU " + version + " without KVM damages the guest's memory when pre-copy takes several rounds"
                            + " (seen with 7.2); install QEMU " + OLDEST_MAJOR_UNDER_TCG
                            + " or newer, or run where KVM works");
        }
    }

    private static boolean isVersioned(String machineType) {
        return machineType.matches(".*-\\d+\\.\\d+");
    }

    /** The versioned machine type that this name stands for here, or nothing where QEMU has none of it. */
    public Optional<String> machineType(String nameOrAlias) {
        String resolved = machineAliases.getOrDefault(nameOrAlias, nameOrAlias);
        return Optional.of(resolved).filter(machineTypes::contains);
    }

    private static void remove(Path file) throws HypervisorException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "cannot remove " + file, e);
        }
    }

    private static final class NoListener implements QmpListener {
        @Override
        public void event(QmpEvent event) {
            // A machine of type none has nothing to tell.
        }

        @Override
        public void disconnected(String reason) {
            // Whoever waits for an answer hears of it.
        }
    }
}
