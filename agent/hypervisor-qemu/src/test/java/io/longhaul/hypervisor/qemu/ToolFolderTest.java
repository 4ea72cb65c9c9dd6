package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolFolderTest {
    @TempDir
    Path folder = Path.of("unset");

    @Test
    void whatAKilledAgentLeftIsGoneAfterTheNextStart() throws IOException {
        ToolFolder tools = new ToolFolder(QemuSettings.defaults(folder.resolve("run")));
        Path left = tools.newFile(".rom");
        assertThat(left).startsWith(folder);
        tools.empty();
        assertThat(left).doesNotExist();
    }

    @Test
    void aProgramLeavesNothing() throws IOException {
        ToolFolder tools = new ToolFolder(QemuSettings.defaults(folder));
        assertThat(Tool.run(List.of("echo", "said"), tools, Duration.ofSeconds(30)))
                .isEqualTo(new Tool.Ending(0, "said"));
        assertThat(folder.resolve("tools")).isEmptyDirectory();
    }
}
