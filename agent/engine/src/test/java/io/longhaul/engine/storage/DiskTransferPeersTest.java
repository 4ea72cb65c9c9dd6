package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.nbd.NbdClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk's way between two real images. Fails, naming the program, where one is not installed. */
@Tag("qemu")
final class DiskTransferPeersTest {
    private static final long SIZE = (3L << 30) + 512;
    private static final long WINDOW = 8L << 20;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : started) {
            process.destroy();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aThinDiskArrivesWholeAndThin() throws IOException, InterruptedException, StorageException {
        Path source = image("source.qcow2", "qcow2");
        Path destination = image("destination.raw", "raw");
        try (NbdClient reader = NbdClient.open(serve(source, "qcow2"), "", 2);
                NbdClient writer = NbdClient.open(serve(destination, "raw"), "", 4)) {
            Random random = new Random(21);
            byte[] block = new byte[200_000];
            for (int i = 0; i < 60; i++) {
                random.nextBytes(block);
                reader.write(random.nextLong(SIZE - block.length), ByteBuffer.wrap(block));
            }
            reader.write(SIZE - 100, ByteBuffer.wrap(block, 0, 100));
            DiskCounters counters = transfer(reader, writer);
            assertThat(counters.doneBytes()).isEqualTo(SIZE);
            assertThat(counters.sentBytes()).isLessThan(40 << 20);
            assertThat(DiskDigest.of(writer, () -> false)).isEqualTo(DiskDigest.of(reader, () -> false));
        }
        stop();
        run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", source.toString(), destination.toString());
        long blocks = ((Number) Files.getAttribute(destination, "unix:size")).longValue();
        assertThat(blocks).isEqualTo(SIZE);
        String usage = run("du", "--block-size=1", destination.toString());
        assertThat(Long.parseLong(usage.split("\\s")[0])).isLessThan(60 << 20);
    }

    private static DiskCounters transfer(NbdClient reader, NbdClient writer)
            throws StorageException, InterruptedException {
        CompletableFuture<StorageException> failure = new CompletableFuture<>();
        DiskReceiver receiver =
                new DiskReceiver(writer, DiskReceiverSettings.withWindow(WINDOW), System::nanoTime, failure::complete);
        MemoryStream stream = new MemoryStream(WINDOW, receiver);
        DiskSender sender = new DiskSender(reader, stream, DiskSenderSettings.DEFAULT, failure::complete);
        receiver.start(Thread::new);
        Thread mover = new Thread(sender::copy);
        mover.start();
        sender.awaitInSync();
        receiver.awaitApplied(sender.finish());
        receiver.flush();
        stream.awaitAcknowledged();
        assertThat(failure).isNotDone();
        // Taken before the end: stopping interrupts the mover, which must not be within a call of the reader here.
        DiskCounters counters = sender.counters();
        sender.stop();
        receiver.stop();
        mover.join();
        return counters;
    }

    private Path image(String name, String format) throws IOException, InterruptedException {
        Path path = folder.resolve(name);
        run("qemu-img", "create", "-q", "-f", format, path.toString(), Long.toString(SIZE));
        return path;
    }

    private Path serve(Path image, String format) throws IOException, InterruptedException {
        Path socket = folder.resolve(image.getFileName() + ".nbd");
        Path pidFile = folder.resolve(image.getFileName() + ".pid");
        Process process = start(
                "qemu-nbd",
                "-t",
                "-e",
                "8",
                "-f",
                format,
                "--discard=unmap",
                "--pid-file=" + pidFile,
                "-k",
                socket.toString(),
                image.toString());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(pidFile) || !Files.exists(socket)) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as("qemu-nbd listens within 20 s")
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return socket;
    }

    private Process start(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is needed for this test and could not be started", e);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
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
}
