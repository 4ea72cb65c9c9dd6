package io.longhaul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator reads of an agent that cannot start. */
@ExtendWith(OutputCaptureExtension.class)
class RefusedStartTest {
    @TempDir
    Path folder = Path.of("unset");

    @Test
    void tellsThatTheDataFolderIsInUse(CapturedOutput output) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertRefused(output, "Another agent uses the data folder " + folder);
        }
    }

    @Test
    void tellsThatTheJoinTokenCannotBeRead(CapturedOutput output) throws IOException {
        Path token = Files.createDirectory(folder.resolve("token"));
        assertRefused(output, token + " cannot be read", "--longhaul.agent.join-token-file=" + token);
    }

    @Test
    void tellsThatNobodyCouldReachIt(CapturedOutput output) {
        assertRefused(output, "longhaul.agent.advertise-url", "--server.address=0.0.0.0");
    }

    @Test
    void tellsWhichSettingIsNoneOfIts(CapturedOutput output) {
        assertRefused(output, "longhaul.agent.pool-folder", "--longhaul.agent.pool-folder=/pool");
    }

    private void assertRefused(CapturedOutput output, String words, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--longhaul.agent.host-name=host-a");
        arguments.add("--longhaul.agent.site=west");
        arguments.add("--longhaul.agent.data-folder=" + folder);
        arguments.add("--longhaul.agent.socket-folder=" + folder);
        arguments.add("--server.port=0");
        arguments.add("--management.server.port=0");
        arguments.add("--longhaul.agent.rehearsal=false");
        assertThatThrownBy(() -> AgentApplication.main(arguments.toArray(String[]::new)))
                .isInstanceOf(RuntimeException.class);
        assertThat(output).contains(words).doesNotContain("\tat ");
    }
}
