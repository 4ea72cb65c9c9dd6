package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client against servers that nobody here wrote, well and ill: nbdkit with its filters, and qemu-nbd. */
@Tag("qemu")
final class NbdClientInteropTest {
    private static final int SIZE = (16 << 20) + 512;
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    private Tools tools;
    private int servers;

    @BeforeEach
    void prepare() {
        tools = new Tools(folder);
    }

    @AfterEach
    void stop() {
        tools.close();
    }

    @Test
    void writesReadsZeroesAndFindsHolesOnSeveralConnections()
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Server nbdkit = nbdkit("memory", "size=" + SIZE);
        byte[] data = random(SIZE);
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 4)) {
            assertThat(client.sizeBytes()).isEqualTo(SIZE);
            inParallel(4, part -> client.write(part * 4L * MEBIBYTE, slice(data, part * 4 * MEBIBYTE, 4 * MEBIBYTE)));
            client.write(SIZE - 512, slice(data, SIZE - 512, 512));
            inParallel(4, part -> client.writeZeroes(part * 4L * MEBIBYTE + MEBIBYTE + 3, 2 * MEBIBYTE));
            for (int part = 0; part < 4; part++) {
                int start = part * 4 * MEBIBYTE + MEBIBYTE + 3;
                Arrays.fill(data, start, start + 2 * MEBIBYTE, (byte) 0);
            }
            client.flush();
            assertThat(read(client, 0, SIZE)).isEqualTo(ByteBuffer.wrap(data));
            List<Extent> extents = client.extents(0, SIZE);
            assertCovers(extents, SIZE);
            assertThat(extents.stream().anyMatch(Extent::zero)).isTrue();
            for (Extent extent : extents) {
                if (extent.zero()) {
                    assertThat(slice(data, (int) extent.offset(), (int) extent.lengthBytes()))
                            .isEqualTo(ByteBuffer.allocate((int) extent.lengthBytes()));
                }
            }
        }
    }

    @Test
    void passesOnTheErrorsOfAnIllDiskAndGoesOn() throws IOException {
        Server nbdkit = nbdkit(
                "--filter=error",
                "memory",
                "size=" + SIZE,
                "error-pread=EIO",
                "error-pread-rate=100%",
                "error-pwrite=ENOSPC",
                "error-pwrite-rate=100%",
                "error-zero=EPERM",
                "error-zero-rate=100%",
                "error-extents=ENOMEM",
                "error-extents-rate=100%",
                "error-file=" + folder.resolve("ill"));
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            client.write(0, ByteBuffer.allocate(4096));
            Files.createFile(folder.resolve("ill"));
            for (int again = 0; again < 3; again++) {
                assertErrno(() -> client.read(0, ByteBuffer.allocate(4096)), NbdException.EIO);
                assertErrno(() -> client.writeZeroes(0, 4096), NbdException.EPERM);
                assertErrno(() -> client.extents(0, SIZE), 12);
                assertThatThrownBy(() -> client.write(0, ByteBuffer.allocate(4096)))
                        .isInstanceOf(DiskFullException.class);
            }
            Files.delete(folder.resolve("ill"));
            assertThat(read(client, 0, 4096)).isEqualTo(ByteBuffer.allocate(4096));
        }
    }

    /** Half of all requests fail; those that did not must have done what they said. */
    @Test
    void aDiskThatFailsAtRandomNeverPassesForOneThatWrote()
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        long seed = 20_261_122;
        Server nbdkit = nbdkit("--filter=error", "memory", "size=" + SIZE, "error=EIO", "error-rate=50%");
        Random random = new Random(seed);
        byte[] expected = new byte[SIZE];
        int failures = 0;
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 1)) {
            for (int request = 0; request < 400; request++) {
                int offset = random.nextInt(64) * 65_536;
                byte[] data = new byte[65_536];
                random.nextBytes(data);
                try {
                    client.write(offset, ByteBuffer.wrap(data));
                    System.arraycopy(data, 0, expected, offset, data.length);
                    ByteBuffer read = ByteBuffer.allocate(data.length);
                    client.read(offset, read);
                    assertThat(read.array())
                            .as("request %s, seed %s", request, seed)
                            .isEqualTo(data);
                } catch (NbdException e) {
                    assertThat(e.errno()).isEqualTo(NbdException.EIO);
                    failures++;
                    rewrite(client, offset, expected);
                }
            }
        }
        assertThat(failures).isBetween(100, 400);
    }

    /** An error leaves open what the disk holds; so it is written until that is told. */
    private static void rewrite(NbdClient client, int offset, byte[] content) throws IOException {
        for (int attempt = 0; attempt < 64; attempt++) {
            try {
                client.write(offset, slice(content, offset, 65_536));
                return;
            } catch (NbdException e) {
                assertThat(e.errno()).isEqualTo(NbdException.EIO);
            }
        }
        throw new AssertionError("64 of 64 requests failed at a rate of one half");
    }

    @Test
    void requestsOfSeveralConnectionsWaitForASlowDiskTogether()
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Server nbdkit = nbdkit("--filter=delay", "memory", "size=" + SIZE, "rdelay=250ms", "wdelay=250ms");
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 8)) {
            long start = System.nanoTime();
            inParallel(8, part -> client.write(part * 65_536L, ByteBuffer.allocate(65_536)));
            inParallel(8, part -> read(client, part * 65_536L, 65_536));
            // One after the other they would take 4 s.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(500), Duration.ofMillis(2500));
        }
    }

    @Test
    void closingEndsARequestThatASlowDiskHolds()
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Server nbdkit = nbdkit("--filter=delay", "memory", "size=" + SIZE, "rdelay=20");
        NbdClient client = NbdClient.open(nbdkit.socket, "", 1);
        CountDownLatch reading = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> read = executor.submit(() -> {
                reading.countDown();
                assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(512)))
                        .isInstanceOf(IOException.class);
            });
            assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
            client.close();
            read.get(10, TimeUnit.SECONDS);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void readsAndWritesNoFasterThanTheDiskAllows() throws IOException {
        Server nbdkit = nbdkit("--filter=rate", "memory", "size=" + SIZE, "rate=128M", "burstiness=0.05");
        byte[] data = random(8 * MEBIBYTE);
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            long start = System.nanoTime();
            for (int offset = 0; offset < data.length; offset += 65_536) {
                client.write(offset, slice(data, offset, 65_536));
            }
            for (int offset = 0; offset < data.length; offset += 65_536) {
                assertThat(read(client, offset, 65_536)).isEqualTo(slice(data, offset, 65_536));
            }
            // 64 Mbit each way at 128 Mbit/s, less what the bucket held.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(500), Duration.ofSeconds(15));
        }
    }

    @Test
    void worksWithAServerThatKnowsOnlyTheOldest() throws IOException {
        Server nbdkit = nbdkit("--no-sr", "--filter=nozero", "--filter=noextents", "memory", "size=" + SIZE);
        byte[] data = random(3 * MEBIBYTE);
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            client.write(77, ByteBuffer.wrap(data));
            assertThat(read(client, 77, data.length)).isEqualTo(ByteBuffer.wrap(data));
            assertThat(client.extents(0, SIZE)).containsExactly(new Extent(0, SIZE, false));
        }
    }

    @Test
    void aReadOnlyDiskRefusesWritesAndIsReadAllTheSame() throws IOException {
        Server nbdkit = nbdkit("-r", "pattern", "size=1T");
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            long place = (1L << 40) - 4096;
            ByteBuffer pattern = read(client, place, 4096);
            assertThat(pattern.getLong(8)).isEqualTo(place + 8);
            assertErrno(() -> client.write(0, ByteBuffer.allocate(512)), NbdException.EPERM);
            assertThat(read(client, place, 4096)).isEqualTo(pattern);
        }
    }

    @Test
    void aSparseTerabyteIsToldInFewExtents() throws IOException {
        Server nbdkit = nbdkit("memory", "size=1T");
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            long middle = 1L << 39;
            client.write(middle, ByteBuffer.wrap(random(65_536)));
            List<Extent> extents = client.extents(0, 1L << 40);
            assertCovers(extents, 1L << 40);
            assertThat(extents).hasSizeLessThanOrEqualTo(5);
            assertThat(extents).anyMatch(extent -> !extent.zero() && extent.offset() <= middle);
        }
    }

    @Test
    void aServerThatDiesFailsWhatIsUnderWayAndWhatComesAfter()
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Server nbdkit = nbdkit("--filter=delay", "memory", "size=" + SIZE, "rdelay=20");
        try (NbdClient client = NbdClient.open(nbdkit.socket, "", 2)) {
            client.write(0, ByteBuffer.allocate(512));
            CountDownLatch reading = new CountDownLatch(1);
            ExecutorService executor = Executors.newSingleThreadExecutor();
            try {
                Future<?> read = executor.submit(() -> {
                    reading.countDown();
                    assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(512)))
                            .isInstanceOf(IOException.class)
                            .isNotInstanceOf(NbdException.class);
                });
                assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
                Tools.kill(nbdkit.process);
                read.get(10, TimeUnit.SECONDS);
            } finally {
                executor.shutdownNow();
            }
            assertThatThrownBy(() -> client.write(0, ByteBuffer.allocate(512))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void qemuNbdServesAFragmentedImageWhoseExtentsAreAllFound() throws IOException {
        Path image = folder.resolve("fragmented.qcow2");
        long size = 64L << 20;
        tools.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), Long.toString(size));
        Server qemu = qemuNbd(image);
        try (NbdClient client = NbdClient.open(qemu.socket, "", 4)) {
            byte[] cluster = random(65_536);
            for (long offset = 0; offset < size; offset += 2L * 65_536) {
                client.write(offset, ByteBuffer.wrap(cluster));
            }
            client.flush();
            List<Extent> extents = client.extents(0, size);
            assertCovers(extents, size);
            assertThat(extents).hasSize(1024);
            assertThat(extents.stream().filter(Extent::zero)).hasSize(512);
            assertErrno(() -> client.read(size, ByteBuffer.allocate(1)), NbdException.EINVAL);
            assertThatThrownBy(() -> client.write(size, ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
            assertThat(read(client, 0, 65_536)).isEqualTo(ByteBuffer.wrap(cluster));
        }
        Tools.kill(qemu.process);
        tools.run("qemu-img", "check", "-q", "--force-share", image.toString());
    }

    private record Server(Path socket, ProcessHandle process) {}

    private Server nbdkit(String... arguments) {
        Path socket = folder.resolve("server-" + servers++);
        Path processNumber = folder.resolve(socket.getFileName() + ".pid");
        List<String> command = new ArrayList<>(
                List.of("nbdkit", "--unix", socket.toString(), "--pidfile", processNumber.toString(), "--threads=16"));
        command.addAll(List.of(arguments));
        return new Server(socket, tools.daemon(processNumber, command.toArray(String[]::new)));
    }

    private Server qemuNbd(Path image) {
        Path socket = folder.resolve("server-" + servers++);
        Path processNumber = folder.resolve(socket.getFileName() + ".pid");
        return new Server(
                socket,
                tools.daemon(
                        processNumber,
                        "qemu-nbd",
                        "--fork",
                        "--pid-file=" + processNumber,
                        "--format=qcow2",
                        "--socket=" + socket,
                        "--shared=4",
                        "--persistent",
                        image.toString()));
    }

    private interface Part {
        void run(int number) throws IOException;
    }

    private static void inParallel(int parts, Part part)
            throws ExecutionException, InterruptedException, TimeoutException {
        ExecutorService executor = Executors.newFixedThreadPool(parts);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    part.run(number);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(20, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static void assertErrno(ThrowingCallable call, int errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        NbdException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static void assertCovers(List<Extent> extents, long size) {
        long next = 0;
        for (Extent extent : extents) {
            assertThat(extent.offset()).isEqualTo(next);
            next += extent.lengthBytes();
        }
        assertThat(next).isEqualTo(size);
    }

    private static ByteBuffer read(NbdClient client, long offset, int bytes) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(bytes);
        client.read(offset, into);
        return into.flip();
    }

    private static byte[] random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(13).nextBytes(data);
        return data;
    }

    private static ByteBuffer slice(byte[] data, int offset, int bytes) {
        return ByteBuffer.wrap(data, offset, bytes).slice();
    }
}
