package io.longhaul.engine.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableLogTest {
    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasAppended() throws IOException {
        DurableLog log = new DurableLog(folder.resolve("log"));
        log.append("first line");
        log.append("");
        log.append("zweite Zeile äöü");

        assertThat(new DurableLog(folder.resolve("log")).lines()).containsExactly("first line", "", "zweite Zeile äöü");
    }

    @Test
    void leavesOutALineThatACrashCutAndGoesOnAfterTheLastWholeOne() throws IOException {
        Path file = folder.resolve("log");
        new DurableLog(file).append("whole");
        new DurableLog(file).append("torn by the crash");
        byte[] bytes = Files.readAllBytes(file);
        for (int cut = 1; cut < "torn by the crash".length() + 9; cut++) {
            byte[] torn = java.util.Arrays.copyOf(bytes, bytes.length - 1 - cut);
            Files.write(file, torn);

            DurableLog log = new DurableLog(file);
            assertThat(log.lines()).containsExactly("whole");
            log.append("after");
            assertThat(log.lines()).containsExactly("whole", "after");
        }
    }

    @Test
    void leavesOutALineWhoseBytesAreDamaged() throws IOException {
        Path file = folder.resolve("log");
        new DurableLog(file).append("kept");
        Files.writeString(file, "00000000 forged\n", StandardOpenOption.APPEND);

        assertThat(new DurableLog(file).lines()).containsExactly("kept");
    }

    @Test
    void hasNoLinesWithoutAFile() throws IOException {
        assertThat(new DurableLog(folder.resolve("absent")).lines()).isEmpty();
    }
}
