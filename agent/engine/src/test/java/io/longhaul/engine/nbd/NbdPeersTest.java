package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our server and client against QEMU's and libnbd's. Fails, naming the program, where one is not installed. */
@Tag("qemu")
final class NbdPeersTest {
    private static final int SIZE = (4 << 20) + 512;

    @TempDir
    Path folder;

    private final MemoryExport export = new MemoryExport(SIZE);
    private final List<Process> started = new ArrayList<>();
    private Path socket;
    private NbdServer server;

    @BeforeEach
    void serve() throws IOException {
        socket = folder.resolve("nbd");
        server = NbdServer.open(socket, Thread::new);
        server.addExport("disk", export);
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
        for (Process process : started) {
            process.destroy();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void libnbdReadsTheExportsDescription() throws IOException, InterruptedException {
        String about = run("nbdinfo", "nbd+unix:///disk?socket=" + socket);
        assertThat(about)
                .contains("export-size: " + SIZE)
                .contains("can_trim: true")
                .contains("can_zero: true");
        assertThat(run("nbdinfo", "--list", "nbd+unix:///?socket=" + socket)).contains("export=\"disk\"");
    }

    @Test
    void nbdcopyWritesAndReadsTheWholeDisk() throws IOException, InterruptedException {
        Path image = randomImage("image.raw");
        run("nbdcopy", image.toString(), "nbd+unix:///disk?socket=" + socket);
        assertThat(export.content()).isEqualTo(Files.readAllBytes(image));
        Path copy = folder.resolve("copy.raw");
        run("nbdcopy", "nbd+unix:///disk?socket=" + socket, copy.toString());
        run("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), copy.toString());
    }

    @Test
    void qemuNeverReadsToWriteBytesThatAreNotAligned() throws IOException, InterruptedException {
        RecordingSink sink = new RecordingSink();
        server.addExport("mirror", new MirrorExport(SIZE, sink));
        run(
                "qemu-io",
                "-d",
                "unmap",
                "-f",
                "raw",
                "-c",
                "write -P 7 1001 77",
                "-c",
                "write -z 5000 3",
                "-c",
                "discard 512 8192",
                "-c",
                "flush",
                "nbd+unix:///mirror?socket=" + socket);
        assertThat(sink.calls()).containsExactly("written 1001+77 7", "zeroed 5000+3", "discarded 512+8192");
    }

    @Test
    void readsWritesAndFindsHolesInAQcow2() throws IOException, InterruptedException {
        Path image = folder.resolve("disk.qcow2");
        run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "1048576512");
        Path peer = folder.resolve("qemu");
        start("qemu-nbd", "-f", "qcow2", "-k", peer.toString(), "-e", "4", "-t", "--discard=unmap", image.toString());
        awaitSocket(peer);
        byte[] data = new byte[1 << 20];
        new Random(3).nextBytes(data);
        try (NbdClient client = NbdClient.open(peer, "", 4)) {
            assertThat(client.sizeBytes()).isEqualTo(1048576512);
            client.write(64 << 20, ByteBuffer.wrap(data));
            client.write(1048576512 - 100, ByteBuffer.wrap(data, 0, 100));
            client.flush();
            assertThat(client.extents(0, 128 << 20))
                    .containsExactly(
                            new Extent(0, 64 << 20, true),
                            new Extent(64 << 20, 1 << 20, false),
                            new Extent(65 << 20, 63 << 20, true));
            ByteBuffer read = ByteBuffer.allocateDirect(2 << 20);
            client.read(64 << 20, read);
            assertThat(read.flip().slice(0, 1 << 20)).isEqualTo(ByteBuffer.wrap(data));
            client.writeZeroes(64 << 20, 1 << 20);
            assertThat(client.extents(0, 128 << 20)).containsExactly(new Extent(0, 128 << 20, true));
            assertThatThrownBy(() -> client.write(1048576512, ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class);
        }
    }

    /** The way of a guest's write: storage daemon with the guest's disk, a mirror, our server. */
    @Test
    void aMirrorDeliversWritesAndZeroesAndQemuDropsDiscardsOnBothSides() throws IOException, InterruptedException {
        RecordingSink sink = new RecordingSink();
        server.addExport("mirror", new MirrorExport(SIZE, sink));
        Path image = randomImage("source.raw");
        byte[] before = Files.readAllBytes(image);
        Path guest = folder.resolve("guest");
        Process daemon = start(
                "qemu-storage-daemon",
                "--chardev",
                "stdio,id=qmp",
                "--monitor",
                "chardev=qmp",
                "--nbd-server",
                "addr.type=unix,addr.path=" + guest,
                "--blockdev",
                "driver=file,node-name=disk,discard=unmap,filename=" + image);
        Qmp qmp = new Qmp(daemon);
        qmp.execute("qmp_capabilities", "{}");
        qmp.execute(
                "blockdev-add",
                "{\"driver\":\"nbd\",\"node-name\":\"mirror\",\"discard\":\"unmap\",\"export\":\"mirror\","
                        + "\"server\":{\"type\":\"unix\",\"path\":\"" + socket + "\"}}");
        qmp.execute(
                "blockdev-mirror",
                "{\"job-id\":\"job\",\"device\":\"disk\",\"target\":\"mirror\",\"sync\":\"none\","
                        + "\"copy-mode\":\"write-blocking\",\"filter-node-name\":\"top\"}");
        qmp.execute(
                "block-export-add",
                "{\"id\":\"guest\",\"type\":\"nbd\",\"name\":\"guest\",\"node-name\":\"top\",\"writable\":true}");
        awaitSocket(guest);
        run(
                "qemu-io",
                "-d",
                "unmap",
                "-f",
                "raw",
                "-c",
                "write -P 7 4096 1024",
                "-c",
                "write -z 65536 65536",
                "-c",
                "discard 2097152 65536",
                "-c",
                "flush",
                "nbd+unix:///guest?socket=" + guest);
        // QEMU 10.0 opens the mirror's filter without "unmap": it passes the discard neither to the disk nor to us.
        assertThat(sink.calls()).containsExactly("written 4096+1024 7", "zeroed 65536+65536");
        byte[] after = Files.readAllBytes(image);
        assertThat(java.util.Arrays.copyOfRange(after, 2 << 20, (2 << 20) + 65536))
                .isEqualTo(java.util.Arrays.copyOfRange(before, 2 << 20, (2 << 20) + 65536));
    }

    private Path randomImage(String name) throws IOException {
        byte[] data = new byte[SIZE];
        new Random(5).nextBytes(data);
        java.util.Arrays.fill(data, 1 << 20, 2 << 20, (byte) 0);
        return Files.write(folder.resolve(name), data);
    }

    private static void awaitSocket(Path path) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadline) {
            if (Files.exists(path)) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError("no socket " + path + " after 20 s");
    }

    private Process start(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is needed for this test and could not be started", e);
        }
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is needed for this test and could not be started", e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s said: %s", String.join(" ", command), output)
                .isZero();
        return output;
    }

    /** Just enough of QMP for one command after the other. */
    private static final class Qmp {
        private final BufferedReader reader;
        private final BufferedWriter writer;

        Qmp(Process process) {
            reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            writer = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        }

        void execute(String command, String arguments) throws IOException {
            writer.write("{\"execute\":\"" + command + "\",\"arguments\":" + arguments + "}\n");
            writer.flush();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                assertThat(line).as(command).doesNotContain("\"error\"");
                if (line.contains("\"return\"")) {
                    return;
                }
            }
            throw new AssertionError("the storage daemon ended during " + command);
        }
    }
}
