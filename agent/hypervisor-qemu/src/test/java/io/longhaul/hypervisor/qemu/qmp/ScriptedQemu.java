package io.longhaul.hypervisor.qemu.qmp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Speaks QEMU's side of a dialogue on a unix socket, as one thread of its own plays it. */
final class ScriptedQemu implements AutoCloseable {
    private final Path folder;
    private final ServerSocketChannel server;

    /** QEMU's side. */
    interface Script {
        void play(Dialogue dialogue) throws IOException;
    }

    /** One connection, seen from QEMU. */
    record Dialogue(SocketChannel channel, BufferedReader reader) {
        String hear() throws IOException {
            return String.valueOf(reader.readLine());
        }

        void say(String line) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        void greet() throws IOException {
            say("{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}");
            hear();
            say("{\"return\": {}, \"id\": 1}");
        }
    }

    ScriptedQemu(Script script) throws IOException {
        folder = Files.createTempDirectory("qmp");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket()));
        Thread thread = new Thread(() -> play(script), "scripted-qemu");
        thread.setDaemon(true);
        thread.start();
    }

    Path socket() {
        return folder.resolve("s");
    }

    private void play(Script script) {
        try (SocketChannel channel = server.accept()) {
            script.play(new Dialogue(
                    channel,
                    new BufferedReader(
                            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))));
        } catch (IOException e) {
            // The other side went first; what it was told is what the test looks at.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket());
        Files.deleteIfExists(folder);
    }
}
