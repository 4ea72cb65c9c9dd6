package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.GuestDefinition.NetworkInterface;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import io.longhaul.testkit.hypervisor.HypervisorStage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** Two folders of this machine as two hosts, and the guest that checks itself. Owned by the test's thread. */
final class QemuStage implements HypervisorStage {
    private static final Duration BOOT = Duration.ofSeconds(60);
    private static final Duration PROGRESS = Duration.ofSeconds(30);
    private static final String PARAMETERS =
            "console=ttyS0 quiet longhaul.memory=16 longhaul.disk=8 longhaul.pause=100 longhaul.writes=";

    private static final int WRITES_A_SECOND = 50;

    /**
     * Behind what the guest writes, and between its file system's own blocks (dumpe2fs): from 137 to 199 MiB it has nothing.
     * A fill over those kept the guest from mounting its disk.
     */
    private static final long FILL_AT = 137 << 20;

    private static final int DIFFERENT_BYTES = 2 << 20;

    /** Not a multiple of any block's or region's size. */
    private static final long ODD_SIZE = (1 << 20) + 3 * 512;

    private final Map<Side, Host> hosts = new EnumMap<>(Side.class);
    private final Path folder;
    private final String commandLine;

    private record Host(Path folder, QemuHost host, QemuHypervisor hypervisor, GuestDefinition definition) {}

    private QemuStage(Path folder, String commandLine) {
        this.folder = folder;
        this.commandLine = commandLine;
    }

    static QemuStage open(DiskFormat destinationFormat) throws Exception {
        return open(destinationFormat, WRITES_A_SECOND);
    }

    /** @param writes of 64 KiB each that the guest makes in a second, all over 8 MiB */
    static QemuStage open(DiskFormat destinationFormat, int writes) throws Exception {
        return open(destinationFormat, writes, 0);
    }

    /** @param fillBytes that the first disk holds where the guest never writes, and that cannot be compressed */
    static QemuStage open(DiskFormat destinationFormat, int writes, int fillBytes) throws Exception {
        QemuStage stage = new QemuStage(Files.createTempDirectory("lh"), PARAMETERS + writes);
        try {
            UUID guest = UUID.randomUUID();
            Path built = guestFolder();
            long size = Files.size(built.resolve("disk.raw"));
            stage.add(Side.SOURCE, guest, DiskFormat.RAW, size);
            stage.add(Side.DESTINATION, guest, destinationFormat, size);
            Path disk = stage.definition(Side.SOURCE).disks().get(0).file();
            List<String> copy =
                    List.of("cp", "--sparse=always", built.resolve("disk.raw").toString(), disk.toString());
            assertThat(Tool.run(copy, stage.folder.resolve("copy.log"), BOOT).succeeded())
                    .isTrue();
            fill(disk, FILL_AT, fillBytes);
            stage.host(Side.SOURCE)
                    .createDisk(stage.definition(Side.SOURCE).disks().get(1));
            stage.host(Side.SOURCE).start(stage.definition(Side.SOURCE));
            stage.awaitText(Side.SOURCE, "LONGHAUL ready", 0, BOOT);
            assertThat(stage.log(Side.SOURCE)).doesNotContain("FAILED");
            return stage;
        } catch (Exception | AssertionError e) {
            stage.close();
            throw e;
        }
    }

    private static void fill(Path raw, long at, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        new Random(at).nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(raw, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
        }
    }

    @Override
    public void putSeed(Path file, DiskFormat format) throws Exception {
        Path copy = file.resolveSibling("seed.copy");
        List<String> copied = List.of(
                "cp",
                "--sparse=always",
                definition(Side.SOURCE).disks().get(0).file().toString(),
                copy.toString());
        assertThat(Tool.run(copied, folder.resolve("copy.log"), BOOT).succeeded())
                .isTrue();
        fill(copy, FILL_AT + DIFFERENT_BYTES, DIFFERENT_BYTES);
        List<String> converted = List.of(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                format.name().toLowerCase(Locale.ROOT),
                copy.toString(),
                file.toString());
        assertThat(Tool.run(converted, folder.resolve("copy.log"), BOOT).succeeded())
                .isTrue();
        Files.delete(copy);
    }

    private static DiskFormat other(DiskFormat format) {
        return format == DiskFormat.RAW ? DiskFormat.QCOW2 : DiskFormat.RAW;
    }

    static Path guestFolder() {
        String folder = System.getProperty("longhaul.guest.folder", System.getenv("LONGHAUL_GUEST_FOLDER"));
        assertThat(folder)
                .as("the built guest's folder (agent/testkit/guest/build), as property longhaul.guest.folder"
                        + " or environment variable LONGHAUL_GUEST_FOLDER")
                .isNotNull();
        return Path.of(folder);
    }

    private void add(Side side, UUID guest, DiskFormat format, long size) throws IOException {
        Path own = Files.createDirectory(folder.resolve(side == Side.SOURCE ? "s" : "d"));
        QemuSettings settings = QemuSettings.defaults(own.resolve("run"));
        ThreadFactory threads = QemuStage::thread;
        Path built = guestFolder();
        GuestDefinition definition = new GuestDefinition(
                guest,
                "contract, with a comma",
                1,
                192L << 20,
                "pc-q35-10.0",
                "qemu64",
                new Boot(
                        Optional.empty(),
                        Optional.of(built.resolve("vmlinuz")),
                        Optional.of(built.resolve("initrd.gz")),
                        commandLine),
                List.of(
                        new Disk("root", own.resolve("root,disk.image"), format, size),
                        new Disk("a name that is long, and odd", own.resolve("more"), other(format), ODD_SIZE)),
                List.of(new NetworkInterface("52:54:00:00:00:01", Optional.empty())),
                Optional.of(own.resolve("serial.log")));
        hosts.put(
                side,
                new Host(
                        own,
                        new QemuHost(settings, Accelerator.TCG, threads, (ended, reason) -> {}),
                        new QemuHypervisor(settings, Accelerator.TCG, threads),
                        definition));
    }

    static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "qemu-test");
        thread.setDaemon(true);
        return thread;
    }

    private Host at(Side side) {
        Host host = hosts.get(side);
        assertThat(host).isNotNull();
        return Objects.requireNonNull(host);
    }

    QemuHost host(Side side) {
        return at(side).host();
    }

    @Override
    public Hypervisor hypervisor(Side side) {
        return at(side).hypervisor();
    }

    @Override
    public GuestDefinition definition(Side side) {
        return at(side).definition();
    }

    /** The guest prints a tick every 10 ms and what it wrote once a second. */
    @Override
    public void awaitProgress(Side side) throws Exception {
        awaitText(side, "LONGHAUL load", log(side).length(), PROGRESS);
    }

    private String log(Side side) throws IOException {
        Path log = at(side).folder().resolve("serial.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** QEMU writes the guest's words into a file, so there is nothing to wait on but the file. */
    void awaitText(Side side, String text, int from, Duration deadline) throws Exception {
        new EventSignal().await("'" + text + "' of the guest", deadline, () -> {
            try {
                return log(side).indexOf(text, from) >= 0;
            } catch (IOException e) {
                throw new HypervisorException(HypervisorException.Code.DISK_FAILED, "serial log", e);
            }
        });
    }

    @Override
    public boolean runs(Side side) throws Exception {
        return host(side).state(definition(side).id()) == GuestState.RUNNING;
    }

    /** Waits for a check of memory and disk that began after now. */
    @Override
    public void requireHealthy(Side side) throws Exception {
        int from = log(side).length();
        awaitText(side, "begin", from, PROGRESS);
        int began = log(side).indexOf("begin", from);
        awaitText(side, " ok pages", began, PROGRESS);
        assertThat(log(side)).doesNotContain("FAILED");
    }

    @Override
    public void kill(Side side) throws Exception {
        Path pidFile = at(side).folder().resolve("run").resolve(definition(side).id() + ".pid");
        new QemuProcess(pidFile).handle().orElseThrow().destroyForcibly();
    }

    @Override
    public boolean isAlive(ProcessArtefact process) {
        return new QemuProcess(process.pidFile()).isAlive();
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public void putForeignFile(Path file) throws Exception {
        Files.writeString(file, "not yours");
    }

    @Override
    public void close() throws Exception {
        for (Host host : hosts.values()) {
            host.host().forceOff(host.definition().id());
            host.host().close();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
