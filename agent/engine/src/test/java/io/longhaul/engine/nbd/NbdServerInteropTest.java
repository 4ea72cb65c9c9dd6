package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our server against clients that nobody here wrote: libnbd's tools, QEMU's, and fio. */
@Tag("qemu")
final class NbdServerInteropTest {
    /** No multiple of a block of any size. */
    private static final int SIZE = (8 << 20) + 1000;

    @TempDir
    Path folder;

    private final MemoryExport export = new MemoryExport(SIZE);
    private NbdServer server;
    private Tools tools;
    private String uri;

    @BeforeEach
    void serve() throws IOException {
        Path socket = folder.resolve("nbd");
        tools = new Tools(folder);
        server = NbdServer.open(socket, Thread::new);
        server.addExport("disk", export);
        uri = "nbd+unix:///disk?socket=" + socket;
    }

    @AfterEach
    void stop() {
        server.close();
        tools.close();
    }

    @Test
    void nbdinfoFindsTheDiskAndWhatItCan() {
        assertThat(tools.run("nbdinfo", "--size", uri).strip()).isEqualTo(Integer.toString(SIZE));
        for (String ability : List.of("connect", "write", "flush", "fua", "trim", "zero")) {
            tools.run("nbdinfo", "--can", ability, uri);
        }
        for (String inability : List.of("tls", "multi-conn", "structured-reply", "df", "cache")) {
            assertThat(tools.attempt("nbdinfo", "--can", inability, uri).status())
                    .as(inability)
                    .isEqualTo(2);
        }
        assertThat(tools.attempt("nbdinfo", uri.replace("/disk?", "/other?")).status())
                .isEqualTo(1);
        assertThat(server.counters().refusedOptions()).isPositive();
        assertThat(server.counters().violations()).isZero();
    }

    @Test
    void nbdcopyWithManyRequestsInFlightCopiesBothWays() throws IOException {
        Path image = randomImage();
        tools.run(
                "nbdcopy",
                "--connections=1",
                "--requests=64",
                "--request-size=2097152",
                "--flush",
                image.toString(),
                uri);
        assertThat(export.content()).isEqualTo(Files.readAllBytes(image));
        assertThat(export.flushes).hasPositiveValue();
        Path copy = folder.resolve("copy.raw");
        tools.run("nbdcopy", "--synchronous", uri, copy.toString());
        assertThat(Files.mismatch(image, copy)).isEqualTo(-1);
        tools.run("nbdcopy", "--requests=64", "--request-size=4096", uri, copy.toString());
        assertThat(Files.mismatch(image, copy)).isEqualTo(-1);
    }

    @Test
    void qemuImgComparesAndConverts() throws IOException {
        // Whole sectors: qemu-img converts to nothing else.
        int size = SIZE & -512;
        byte[] content = Arrays.copyOf(Files.readAllBytes(randomImage()), size);
        Path image = Files.write(folder.resolve("sectors.raw"), content);
        MemoryExport sectors = new MemoryExport(size);
        server.addExport("sectors", sectors);
        String uri = this.uri.replace("/disk?", "/sectors?");
        tools.run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", "-m", "16", "-W", image.toString(), uri);
        tools.run("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), uri);
        Path other = folder.resolve("other.qcow2");
        tools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", uri, other.toString());
        tools.run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", image.toString(), other.toString());
        assertThat(sectors.content()).isEqualTo(content);
        sectors.write(size - 1, ByteBuffer.wrap(new byte[] {(byte) (content[size - 1] + 1)}));
        assertThat(tools.attempt("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), uri)
                        .status())
                .isEqualTo(1);
    }

    @Test
    void qemuIoFindsEachPatternWhereItWroteIt() {
        tools.run(
                "qemu-io",
                "-f",
                "raw",
                "-d",
                "unmap",
                "-c",
                "write -P 1 0 1M",
                "-c",
                "write -f -P 2 512 512",
                "-c",
                "write -P 3 1048575 2",
                "-c",
                "aio_write -P 4 2M 3M",
                "-c",
                "aio_write -P 5 5M 3M",
                "-c",
                "aio_flush",
                "-c",
                "write -z 3M 64k",
                "-c",
                "discard 6M 1M",
                "-c",
                "write -P 6 8388608 1000",
                "-c",
                "flush",
                "-c",
                "read -P 1 0 512",
                "-c",
                "read -P 2 512 512",
                "-c",
                "read -P 3 1048575 2",
                "-c",
                "read -P 4 2M 1M",
                "-c",
                "read -P 0 3M 64k",
                "-c",
                "read -P 5 5M 1M",
                "-c",
                "read -P 6 8388608 1000",
                uri);
        assertThat(server.counters().refusedRequests()).isZero();
    }

    @Test
    void qemuIoIsToldOfEachErrorAndGoesOn() {
        export.failWith = NbdException.EIO;
        assertThat(tools.attempt("qemu-io", "-f", "raw", "-c", "write 0 4k", uri)
                        .output())
                .contains("Input/output error");
        export.failWith = NbdException.ENOSPC;
        assertThat(tools.attempt("qemu-io", "-f", "raw", "-c", "write 0 4k", uri)
                        .output())
                .contains("No space left on device");
        export.failWith = NbdException.EPERM;
        assertThat(tools.attempt("qemu-io", "-f", "raw", "-c", "write -z 0 4k", uri)
                        .output())
                .contains("Operation not permitted");
        export.failWith = 0;
        tools.run("qemu-io", "-f", "raw", "-c", "write 0 4k", uri);
        assertThat(server.counters().failedRequests()).isEqualTo(3);
    }

    /** Each block carries its place and a checksum; fio reads all of them back and looks. */
    @Test
    void fioVerifiesWhatItWroteAtRandomPlaces() {
        String output = tools.run(
                "fio",
                "--name=verify",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randrw",
                "--rwmixread=30",
                "--bsrange=512-262144",
                "--bs_unaligned=1",
                "--size=8m",
                "--iodepth=32",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_state_save=0",
                "--do_verify=1",
                "--randseed=20261122",
                "--fsync=16",
                "--output-format=terse");
        assertThat(output).contains("verify");
        assertThat(export.flushes).hasPositiveValue();
        assertThat(server.counters().refusedRequests()).isZero();
        assertThat(server.counters().violations()).isZero();
    }

    @Test
    void fioTrimsAndWritesWithSeveralJobsAtOnce() {
        tools.run(
                "fio",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--iodepth=8",
                "--size=2m",
                "--bs=64k",
                "--randseed=7",
                "--name=write",
                "--rw=randwrite",
                "--numjobs=3",
                "--offset_increment=2m",
                "--name=trim",
                "--offset=6m",
                "--rw=randtrim",
                "--output-format=terse");
        assertThat(server.counters().connections()).isGreaterThanOrEqualTo(4);
        assertThat(server.counters().refusedRequests()).isZero();
    }

    private Path randomImage() throws IOException {
        byte[] data = new byte[SIZE];
        new Random(11).nextBytes(data);
        Arrays.fill(data, 1 << 20, 3 << 20, (byte) 0);
        return Files.write(folder.resolve("image.raw"), data);
    }
}
