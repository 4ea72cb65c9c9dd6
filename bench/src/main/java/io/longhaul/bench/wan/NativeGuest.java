package io.longhaul.bench.wan;

import io.longhaul.bench.wan.Namespaces.Host;
import io.longhaul.client.model.BootDefinition;
import io.longhaul.client.model.VmDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A QEMU that the benchmark runs by itself, with the same machine as an agent would start. Thread safe. */
final class NativeGuest implements AutoCloseable {
    static final String DISK_NODE = "disk0";

    /**
     * @param definition as an agent would be given it
     * @param accelerator as an agent would choose it
     */
    record Machine(VmDefinition definition, Path disk, String accelerator) {}

    private final Process process;
    private final QmpClient qmp;
    private final SerialLog log;

    private NativeGuest(Process process, QmpClient qmp, SerialLog log) {
        this.process = process;
        this.qmp = qmp;
        this.log = log;
    }

    /**
     * Its processor does not run yet.
     *
     * @param incoming wait for a migration instead of booting
     */
    static NativeGuest start(Namespaces hosts, Host host, Machine machine, boolean incoming) {
        Path serial = Path.of(machine.disk() + ".log");
        List<String> command = new ArrayList<>(hosts.launcher(host));
        command.add("setsid"); // Ctrl-C on the terminal is for the benchmark, which ends it in order
        command.addAll(arguments(machine, serial));
        if (incoming) {
            command.addAll(List.of("-incoming", "defer"));
        }
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            QmpClient qmp = QmpClient.connect(process.getInputStream(), process.getOutputStream());
            return new NativeGuest(process, qmp, SerialLog.follow(() -> Optional.of(serial)));
        } catch (IOException e) {
            throw new WanException("QEMU could not be started: " + e.getMessage(), e);
        }
    }

    private static List<String> arguments(Machine machine, Path serial) {
        VmDefinition definition = machine.definition();
        BootDefinition boot = Objects.requireNonNull(definition.getBoot());
        return List.of(
                "qemu-system-x86_64",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-S",
                "-machine",
                definition.getMachineType() + ",accel=" + machine.accelerator(),
                "-cpu",
                Objects.requireNonNull(definition.getCpuModel()),
                "-m",
                "size=" + definition.getMemoryBytes() + "B",
                "-smp",
                "cpus=" + definition.getVcpus(),
                "-kernel",
                Objects.requireNonNull(boot.getKernel()),
                "-initrd",
                Objects.requireNonNull(boot.getInitrd()),
                "-append",
                Objects.requireNonNull(boot.getCommandLine()),
                "-blockdev",
                "driver=raw,node-name=" + DISK_NODE + ",discard=unmap,file.driver=file,file.discard=unmap,"
                        + "file.filename=" + machine.disk(),
                "-device",
                "virtio-blk-pci,drive=" + DISK_NODE,
                "-netdev",
                "user,id=network-0",
                "-device",
                "virtio-net-pci,netdev=network-0,mac=52:54:00:00:00:01,romfile=",
                "-chardev",
                "file,id=serial,path=" + serial,
                "-device",
                "isa-serial,chardev=serial",
                "-chardev",
                "stdio,id=qmp,signal=off",
                "-mon",
                "chardev=qmp,mode=control");
    }

    QmpClient qmp() {
        return qmp;
    }

    SerialLog log() {
        return log;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        log.close();
    }
}
