package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.NetworkInterface;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A definition as QEMU's arguments. Pure. Source and destination must be the same device by device, so the order and
 * every id follow from the definition alone; files and accelerator may differ.
 */
final class QemuCommandLine {
    private final List<String> arguments = new ArrayList<>();

    private QemuCommandLine() {}

    /**
     * @param incoming wait for a memory stream instead of booting; either way the guest does not run yet
     */
    static List<String> of(
            QemuSettings settings,
            Accelerator accelerator,
            GuestPaths paths,
            GuestDefinition definition,
            boolean incoming) {
        QemuCommandLine line = new QemuCommandLine();
        line.add(settings.emulator().toString());
        line.process(paths, definition);
        line.machine(accelerator, definition);
        line.boot(definition.boot());
        for (Disk disk : definition.disks()) {
            line.disk(disk);
        }
        for (int index = 0; index < definition.networkInterfaces().size(); index++) {
            line.network(index, definition.networkInterfaces().get(index));
        }
        definition.serialLog().ifPresent(line::serial);
        line.monitor("host", paths.hostMonitor());
        line.monitor("move", paths.moveMonitor());
        if (incoming) {
            line.add("-incoming", "defer");
        }
        return List.copyOf(line.arguments);
    }

    private void process(GuestPaths paths, GuestDefinition definition) {
        add("-name", "guest=" + escaped(definition.name()));
        add("-uuid", definition.id().toString());
        add("-nodefaults", "-no-user-config");
        add("-display", "none");
        add("-S");
        // Not the agent's child: an agent may end and start again while its guests run.
        add("-daemonize", "-pidfile", paths.pidFile().toString());
    }

    private void machine(Accelerator accelerator, GuestDefinition definition) {
        add("-machine", escaped(definition.machineType()) + ",accel=" + accelerator.option());
        add("-cpu", definition.cpuModel());
        add("-m", "size=" + definition.memoryBytes() + "B");
        add("-smp", "cpus=" + definition.vcpus());
    }

    private void boot(Boot boot) {
        boot.firmware().ifPresent(file -> add("-bios", file.toString()));
        boot.kernel().ifPresent(file -> add("-kernel", file.toString()));
        boot.initrd().ifPresent(file -> add("-initrd", file.toString()));
        if (boot.kernel().isPresent() && !boot.commandLine().isEmpty()) {
            add("-append", boot.commandLine());
        }
    }

    private void disk(Disk disk) {
        QmpMessages.FileNode file = QmpMessages.FileNode.named(disk.file(), NodeNames.file(disk.name()));
        add("-blockdev", QmpMessages.json(QmpMessages.DiskNode.of(disk, NodeNames.disk(disk.name()), file)));
        add("-device", "virtio-blk-pci,id=" + NodeNames.device(disk.name()) + ",drive=" + NodeNames.disk(disk.name()));
    }

    private void network(int index, NetworkInterface network) {
        add(
                "-netdev",
                network.bridge()
                        .map(bridge -> "bridge,id=network-" + index + ",br=" + escaped(bridge))
                        .orElse("user,id=network-" + index));
        // Without a ROM: nothing boots from the network, and the ROM's size would have to be the same at both ends.
        add(
                "-device",
                "virtio-net-pci,id=nic-" + index + ",netdev=network-" + index + ",mac=" + escaped(network.macAddress())
                        + ",romfile=");
    }

    private void serial(Path log) {
        add(
                "-chardev",
                "file,id=serial,append=on,path=" + escaped(log.toAbsolutePath().toString()));
        add("-device", "isa-serial,chardev=serial");
    }

    private void monitor(String id, Path socket) {
        add("-chardev", "socket,id=" + id + ",server=on,wait=off,path=" + escaped(socket.toString()));
        add("-mon", "chardev=" + id + ",mode=control");
    }

    /** QEMU's key=value options end at a comma; two commas stand for one. */
    static String escaped(String value) {
        return value.replace(",", ",,");
    }

    private void add(String... more) {
        arguments.addAll(List.of(more));
    }
}
