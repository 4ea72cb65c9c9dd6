package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TerminalDisplayTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final TerminalDisplay display =
            new TerminalDisplay(new PrintStream(bytes, true, StandardCharsets.UTF_8), 40, NEVER, () -> 0L, timer);

    @AfterEach
    void stop() {
        display.finish();
        timer.shutdownNow();
    }

    @Test
    void writesTheBlockOverWithTheNextOne() {
        display.show(SampleMigrations.copyingDisks());
        bytes.reset();
        display.show(SampleMigrations.copyingDisks());
        assertThat(printed()).startsWith("\u001b[5A\r").contains("COPYING_DISKS");
    }

    @Test
    void noLineIsWiderThanTheTerminal() {
        display.show(SampleMigrations.copyingDisks());
        List<String> lines =
                printed().replaceAll("\u001b\\[[0-9]*[A-Z]", "").lines().toList();
        assertThat(lines)
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(40));
    }

    @Test
    void aLineThatStaysPushesTheBlockDown() {
        display.show(SampleMigrations.queued());
        bytes.reset();
        display.say("something happened");
        assertThat(printed().indexOf("something happened")).isLessThan(printed().indexOf("QUEUED"));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
