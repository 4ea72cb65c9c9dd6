package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client against our server, and raw bytes against our server. */
final class NbdLoopbackTest {
    private static final int SIZE = (1 << 20) + 512;

    @TempDir
    Path folder;

    private final MemoryExport export = new MemoryExport(SIZE);
    private Path socket;
    private NbdServer server;

    @BeforeEach
    void serve() throws IOException {
        socket = folder.resolve("nbd");
        server = NbdServer.open(socket, Thread::new);
        server.addExport("disk", export);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        byte[] data = new byte[100_001];
        new Random(7).nextBytes(data);
        try (NbdClient client = NbdClient.open(socket, "disk", 2)) {
            assertThat(client.sizeBytes()).isEqualTo(SIZE);
            client.write(777, ByteBuffer.wrap(data));
            ByteBuffer read = ByteBuffer.allocateDirect(data.length);
            client.read(777, read);
            assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(data));
            client.writeZeroes(778, 1000);
            Arrays.fill(data, 1, 1001, (byte) 0);
            client.read(777, read.clear());
            assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(data));
            client.flush();
        }
        assertThat(export.flushes).hasValue(1);
    }

    @Test
    void tellsEverythingAsDataWhereTheServerKnowsNoBlockStatus() throws IOException {
        try (NbdClient client = NbdClient.open(socket, "disk", 1)) {
            assertThat(client.extents(512, 4096)).containsExactly(new Extent(512, 4096, false));
        }
    }

    @Test
    void passesOnTheErrorNumberAndGoesOn() throws IOException {
        try (NbdClient client = NbdClient.open(socket, "disk", 1)) {
            export.failWith = NbdException.EPERM;
            assertThatThrownBy(() -> client.writeZeroes(0, 1))
                    .isInstanceOfSatisfying(
                            NbdException.class, e -> assertThat(e.errno()).isEqualTo(NbdException.EPERM));
            export.failWith = NbdException.ENOSPC;
            assertThatThrownBy(() -> client.write(0, ByteBuffer.allocate(1)))
                    .isInstanceOf(DiskFullException.class)
                    .hasCauseInstanceOf(NbdException.class);
            export.failWith = 0;
            client.write(0, ByteBuffer.allocate(1));
        }
    }

    @Test
    void refusesRangesBeyondTheEndAndGoesOn() throws IOException {
        try (NbdClient client = NbdClient.open(socket, "disk", 1)) {
            assertThatThrownBy(() -> client.write(SIZE - 1, ByteBuffer.allocate(2)))
                    .isInstanceOf(DiskFullException.class);
            assertThatThrownBy(() -> client.read(SIZE, ByteBuffer.allocate(1))).isInstanceOf(NbdException.class);
            assertThatThrownBy(() -> client.writeZeroes(-1, 1)).isInstanceOf(DiskFullException.class);
            client.write(SIZE - 1, ByteBuffer.wrap(new byte[] {9}));
            assertThat(export.content()[SIZE - 1]).isEqualTo((byte) 9);
        }
    }

    @Test
    void namesAnUnknownExport() {
        assertThatThrownBy(() -> NbdClient.open(socket, "other", 1)).hasMessageContaining("'other'");
    }

    @Test
    void removingAnExportEndsItsConnections() throws IOException {
        try (NbdClient client = NbdClient.open(socket, "disk", 1)) {
            server.removeExport("disk");
            assertThatThrownBy(client::flush).isInstanceOf(IOException.class);
            assertThatThrownBy(client::flush).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingRemovesTheSocket() {
        server.close();
        assertThat(Files.exists(socket)).isFalse();
    }

    @Test
    void aMirrorCannotBeRead() throws IOException {
        server.addExport("mirror", new MirrorExport(4096, new RecordingSink()));
        try (NbdClient client = NbdClient.open(socket, "mirror", 1)) {
            assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            NbdException.class, e -> assertThat(e.errno()).isEqualTo(NbdException.EINVAL));
        }
    }

    @Test
    void keepsInStepPastRefusedAndUnknownRequests() throws IOException {
        try (RawClient raw = new RawClient(socket)) {
            raw.option(99, new byte[10]);
            assertThat(raw.optionReplyType()).isEqualTo(NbdProtocol.REPLY_ERROR_UNSUPPORTED);
            raw.option(NbdProtocol.OPTION_GO, new byte[] {0, 0, 1, 0, 'd'});
            assertThat(raw.optionReplyType()).isEqualTo(NbdProtocol.REPLY_ERROR_INVALID);
            raw.option(NbdProtocol.OPTION_EXPORT_NAME, "disk".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            raw.skip(10);
            assertThat(raw.command(77, 0, 5, 0)).isEqualTo(NbdException.EINVAL);
            int beyondLimit = NbdProtocol.PAYLOAD_LIMIT_BYTES + 1;
            assertThat(raw.command(NbdProtocol.COMMAND_WRITE, 0, beyondLimit, beyondLimit))
                    .isEqualTo(NbdException.EINVAL);
            assertThat(raw.command(NbdProtocol.COMMAND_READ, 0, beyondLimit, 0)).isEqualTo(NbdException.EINVAL);
            assertThat(raw.command(NbdProtocol.COMMAND_TRIM, SIZE, 1, 0)).isEqualTo(NbdException.EINVAL);
            assertThat(raw.command(NbdProtocol.COMMAND_TRIM, 0, SIZE, 0)).isZero();
        }
    }

    @Test
    void closesOnAnOversizedOption() throws IOException {
        try (RawClient raw = new RawClient(socket)) {
            raw.optionHeader(NbdProtocol.OPTION_GO, Integer.MAX_VALUE);
            assertThat(raw.optionReplyType()).isEqualTo(NbdProtocol.REPLY_ERROR_TOO_BIG);
            assertThat(raw.atEnd()).isTrue();
        }
    }

    @Test
    void endsACallThatWaitsWhenTheClientIsClosed() throws IOException, InterruptedException {
        try (java.nio.channels.ServerSocketChannel silent =
                java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            Path path = folder.resolve("silent");
            silent.bind(UnixDomainSocketAddress.of(path));
            Thread greeter = new Thread(() -> new SilentServer(silent).run());
            greeter.start();
            NbdClient client = NbdClient.open(path, "any", 1);
            java.util.concurrent.CountDownLatch failed = new java.util.concurrent.CountDownLatch(1);
            Thread reader = new Thread(() -> {
                try {
                    client.read(0, ByteBuffer.allocate(1));
                } catch (IOException expected) {
                    failed.countDown();
                }
            });
            reader.start();
            client.close();
            assertThat(failed.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            greeter.join();
        }
    }

    /** Negotiates and then answers nothing. */
    private record SilentServer(java.nio.channels.ServerSocketChannel listener) implements Runnable {
        @Override
        public void run() {
            try (SocketChannel socket = listener.accept()) {
                NbdChannel channel = new NbdChannel(socket);
                channel.write(ByteBuffer.allocate(18)
                        .putLong(NbdProtocol.GREETING_MAGIC)
                        .putLong(NbdProtocol.OPTION_MAGIC)
                        .putShort((short) 3)
                        .flip());
                channel.skip(4);
                channel.skip(16);
                reply(channel, NbdProtocol.OPTION_STRUCTURED_REPLY, NbdProtocol.REPLY_ERROR_UNSUPPORTED, new byte[0]);
                channel.skip(16 + 9);
                byte[] about = ByteBuffer.allocate(12)
                        .putShort((short) 0)
                        .putLong(4096)
                        .putShort((short) 1)
                        .array();
                reply(channel, NbdProtocol.OPTION_GO, NbdProtocol.REPLY_INFO, about);
                reply(channel, NbdProtocol.OPTION_GO, NbdProtocol.REPLY_ACK, new byte[0]);
                while (channel.readOrEnd(ByteBuffer.allocate(1))) {
                    Thread.onSpinWait();
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static void reply(NbdChannel channel, int option, int type, byte[] data) throws IOException {
            channel.write(
                    ByteBuffer.allocate(20)
                            .putLong(NbdProtocol.OPTION_REPLY_MAGIC)
                            .putInt(option)
                            .putInt(type)
                            .putInt(data.length)
                            .flip(),
                    ByteBuffer.wrap(data));
        }
    }

    /** Speaks the protocol byte by byte. */
    private static final class RawClient implements AutoCloseable {
        private final NbdChannel channel;

        RawClient(Path socket) throws IOException {
            channel = new NbdChannel(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            channel.skip(18);
            channel.write(ByteBuffer.allocate(4).putInt(3).flip());
        }

        void optionHeader(int option, int length) throws IOException {
            channel.write(ByteBuffer.allocate(16)
                    .putLong(NbdProtocol.OPTION_MAGIC)
                    .putInt(option)
                    .putInt(length)
                    .flip());
        }

        void option(int option, byte[] data) throws IOException {
            optionHeader(option, data.length);
            channel.write(ByteBuffer.wrap(data));
        }

        int optionReplyType() throws IOException {
            ByteBuffer header = channel.readData(20);
            channel.skip(header.getInt(16));
            return header.getInt(12);
        }

        int command(int command, long offset, int length, int payload) throws IOException {
            channel.write(
                    ByteBuffer.allocate(28)
                            .putInt(NbdProtocol.REQUEST_MAGIC)
                            .putShort((short) 0)
                            .putShort((short) command)
                            .putLong(5)
                            .putLong(offset)
                            .putInt(length)
                            .flip(),
                    ByteBuffer.allocate(payload));
            ByteBuffer reply = channel.readData(16);
            assertThat(reply.getLong(8)).isEqualTo(5);
            return reply.getInt(4);
        }

        void skip(int bytes) throws IOException {
            channel.skip(bytes);
        }

        boolean atEnd() throws IOException {
            return !channel.readOrEnd(ByteBuffer.allocate(1));
        }

        @Override
        public void close() {
            channel.close();
        }
    }
}
