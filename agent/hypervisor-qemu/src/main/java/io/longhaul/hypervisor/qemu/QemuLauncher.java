package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Starts QEMU as a process of its own session, so that guests outlive their agent. Stateless; blocks its caller. */
final class QemuLauncher {
    private final QemuSettings settings;
    private final Accelerator accelerator;

    QemuLauncher(QemuSettings settings, Accelerator accelerator) {
        this.settings = settings;
        this.accelerator = accelerator;
    }

    /** Returns when QEMU listens on its monitors; the guest does not run yet. */
    void launch(GuestDefinition definition, GuestPaths paths, boolean incoming) throws HypervisorException {
        if (new QemuProcess(paths.pidFile()).isAlive()) {
            throw new HypervisorException(
                    Code.START_FAILED, "guest " + definition.id() + " has a QEMU already (" + paths.pidFile() + ")");
        }
        requireFiles(definition);
        List<String> command = QemuCommandLine.of(settings, accelerator, paths, definition, incoming);
        try {
            prepareFolder();
            for (Path left : paths.ofMachine()) {
                Files.deleteIfExists(left);
            }
            Tool.Ending ending = Tool.run(command, paths.startLog(), settings.startDeadline());
            if (!ending.succeeded()) {
                // Its words are in the exception; nothing else of it shall stay.
                for (Path left : paths.ofMachine()) {
                    Files.deleteIfExists(left);
                }
                throw new HypervisorException(
                        QemuErrors.codeOf(ending.output(), Code.START_FAILED),
                        "QEMU ended with " + ending.exitCode() + ": " + ending.output());
            }
        } catch (IOException e) {
            throw new HypervisorException(Code.START_FAILED, "QEMU could not be started: " + e.getMessage(), e);
        }
    }

    private void prepareFolder() throws IOException {
        // Whoever reaches a monitor's socket rules the guest.
        Files.createDirectories(
                settings.socketFolder(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** QEMU says the same in words that do not name what the file is for. */
    private static void requireFiles(GuestDefinition definition) throws HypervisorException {
        GuestDefinition.Boot boot = definition.boot();
        require("firmware", boot.firmware().stream().toList());
        require("kernel", boot.kernel().stream().toList());
        require("initrd", boot.initrd().stream().toList());
        require("disk", definition.disks().stream().map(Disk::file).toList());
    }

    private static void require(String role, List<Path> files) throws HypervisorException {
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new HypervisorException(Code.START_FAILED, "the " + role + " " + file + " cannot be read");
            }
        }
    }
}
