package io.longhaul.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProcessesTest {
    @TempDir
    Path folder;

    @Test
    void findsTheProcessOfAPidFileAndEndsIt() throws IOException {
        Path pidFile = folder.resolve("server.pid");
        Process process = waitingProcess("--pid-file=" + pidFile);
        Files.writeString(pidFile, Long.toString(process.pid()));

        List<ProcessHandle> found = LocalProcesses.ofPidFiles(folder);
        assertThat(found).extracting(ProcessHandle::pid).containsExactly(process.pid());
        LocalProcesses.end(found, Duration.ofSeconds(10));
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void leavesAProcessAloneThatGotTheNumberOfAnother() throws IOException {
        Path pidFile = folder.resolve("server.pid");
        Process process = waitingProcess("something else");
        Files.writeString(pidFile, Long.toString(process.pid()));

        assertThat(LocalProcesses.ofPidFiles(folder)).isEmpty();
        process.destroyForcibly();
    }

    @Test
    void brokenPidFilesNameNobody() throws IOException {
        Files.writeString(folder.resolve("empty.pid"), "");
        Files.writeString(folder.resolve("odd.pid"), "no number");
        assertThat(LocalProcesses.ofPidFiles(folder)).isEmpty();
        assertThat(LocalProcesses.ofPidFiles(folder.resolve("missing"))).isEmpty();
    }

    /** Waits for a line that never comes. */
    private static Process waitingProcess(String argument) throws IOException {
        return new ProcessBuilder("sh", "-c", "read line; exit", "sh", argument).start();
    }
}
