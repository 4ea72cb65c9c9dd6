package io.longhaul.hypervisor.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QmpConnectionTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final BlockingQueue<String> told = new ArrayBlockingQueue<>(1000);

    private final QmpListener listener = new QmpListener() {
        @Override
        public void event(QmpEvent event) {
            told.add(event.name() + event.text("status"));
        }

        @Override
        public void disconnected(String reason) {
            told.add("disconnected");
        }
    };

    private QmpConnection connect(ScriptedQemu qemu, Duration deadline) throws IOException {
        return QmpConnection.connect(qemu.socket(), deadline, QmpConnectionTest::thread, listener);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "qmp-test");
        thread.setDaemon(true);
        return thread;
    }

    private String next() {
        try {
            return String.valueOf(told.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    void answersAreMatchedByTheirIds() throws Exception {
        CompletableFuture<String> secondHeard = new CompletableFuture<>();
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    dialogue.hear();
                    secondHeard.complete(dialogue.hear());
                    dialogue.say("{\"return\": \"three\", \"id\": 3}");
                    dialogue.say("{\"return\": \"two\", \"id\": 2}");
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            CompletableFuture<String> one = CompletableFuture.supplyAsync(() -> answer(connection, "first"));
            CompletableFuture<String> other = CompletableFuture.supplyAsync(() -> answer(connection, "second"));
            assertThat(one.join()).isNotEqualTo(other.join());
            assertThat(secondHeard.join()).contains("execute");
        }
    }

    private static String answer(QmpConnection connection, String command) {
        try {
            return connection.execute(command).asString("");
        } catch (QmpException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eventsComeInOrderAndTheirListenerMayCommand() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    for (int number = 0; number < 100; number++) {
                        dialogue.say("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"" + number + "\"}}");
                    }
                    dialogue.hear();
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            for (int number = 0; number < 100; number++) {
                assertThat(next()).isEqualTo("MIGRATION" + number);
            }
            assertThat(connection).isNotNull();
        }
    }

    @Test
    void anErrorHasQemusClassAndWords() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    dialogue.hear();
                    dialogue.say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}, \"id\": 2}");
                    dialogue.hear();
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            assertThatThrownBy(() -> connection.execute("find", Map.of("what", 1)))
                    .isInstanceOfSatisfying(QmpException.class, e -> {
                        assertThat(e.kind()).isEqualTo(QmpException.Kind.REFUSED);
                        assertThat(e.errorClass()).isEqualTo("GenericError");
                        assertThat(e.description()).isEqualTo("no such thing");
                    });
        }
    }

    @Test
    void aCommandWithoutAnswerTimesOutAndTheConnectionGoesOn() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    dialogue.hear();
                    dialogue.hear();
                    dialogue.say("{\"return\": \"late\", \"id\": 2}");
                    dialogue.say("{\"return\": \"now\", \"id\": 3}");
                    dialogue.hear();
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            assertThatThrownBy(() -> connection.execute("slow", Map.of(), Duration.ofMillis(20)))
                    .isInstanceOfSatisfying(
                            QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.TIMED_OUT));
            assertThat(connection.execute("quick").asString()).isEqualTo("now");
        }
    }

    @Test
    void theEndOfQemuEndsWhatIsPendingAndIsTold() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    dialogue.hear();
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            assertThatThrownBy(() -> connection.execute("last"))
                    .isInstanceOfSatisfying(
                            QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.CLOSED));
            assertThat(next()).isEqualTo("disconnected");
            assertThatThrownBy(() -> connection.execute("after")).isInstanceOf(QmpException.class);
        }
    }

    @Test
    void closingHereIsNotTold() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
            dialogue.greet();
            heard.complete(dialogue.hear());
        })) {
            connect(qemu, DEADLINE).close();
            assertThat(heard.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("null");
            assertThat(told).isEmpty();
        }
    }

    @Test
    void whoeverDoesNotGreetIsRefused() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> dialogue.say("SSH-2.0-OpenSSH"))) {
            assertThatThrownBy(() -> connect(qemu, DEADLINE)).isInstanceOf(IOException.class);
        }
    }

    /** The kernel makes a client wait in front of a full queue, without an end. */
    @Test
    void whoeverNeverAcceptsIsGivenUp(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address, 1);
            boolean room = true;
            while (room) {
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                waiting.add(client);
                room = queues(client, address);
            }
            assertThatThrownBy(() -> QmpConnection.connect(
                            address.getPath(), Duration.ofMillis(200), QmpConnectionTest::thread, listener))
                    .hasMessageContaining("200 ms");
            assertThat(told).isEmpty();
        } finally {
            for (SocketChannel client : waiting) {
                client.close();
            }
        }
    }

    private static boolean queues(SocketChannel client, UnixDomainSocketAddress address) throws IOException {
        client.configureBlocking(false);
        try {
            return client.connect(address);
        } catch (SocketException full) {
            return false;
        }
    }

    @Test
    void aLineWithoutEndIsRefused() throws Exception {
        try (ScriptedQemu qemu = new ScriptedQemu(dialogue -> {
                    dialogue.greet();
                    dialogue.hear();
                    dialogue.say("x".repeat(QmpCodec.LONGEST_LINE_BYTES + 1));
                });
                QmpConnection connection = connect(qemu, DEADLINE)) {
            assertThatThrownBy(() -> connection.execute("say"))
                    .isInstanceOf(QmpException.class)
                    .hasMessageContaining("longer than");
        }
    }
}
