package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.bench.wan.SerialLog.Heard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest says on one host after the other, as its serial port's files hold it. */
class TickStoryTest {
    @TempDir
    private Path folder;

    private final TickStory story = new TickStory();

    @Test
    void ticksAreCountedHostAfterHost() throws IOException {
        story.add(heard(ticks(0, 5)));
        story.add(heard(ticks(5, 9)));
        assertThat(story.ticks()).isEqualTo(9);
    }

    @Test
    void aTickMissingOrDoubledIsFound() throws IOException {
        story.add(heard(ticks(0, 9)));
        assertThatThrownBy(() -> story.add(heard(ticks(10, 11)))).hasMessageContaining("After tick 8 came tick 10");
        assertThatThrownBy(() -> story.add(heard(ticks(8, 9)))).hasMessageContaining("After tick 8 came tick 8");
    }

    @Test
    void aGuestThatSaysNothingIsFound() throws IOException {
        Heard silence = heard("[    0.000000] Linux version\n" + ticks(0, 1).strip());
        assertThatThrownBy(() -> story.add(silence)).hasMessageContaining("no tick");
    }

    @Test
    void aFailedCheckIsFound() throws IOException {
        Heard damage = heard(ticks(0, 1) + "LONGHAUL check 3 FAILED page 77\n");
        assertThatThrownBy(() -> story.add(damage)).hasMessageContaining("check 3");
    }

    /** Wherever the pause falls in a line, its tick counts once. */
    @Test
    void aLineThatThePauseCutsInTwoCountsOnce() throws IOException {
        String cut = "LONGHAUL tick 3 0.300000\r\n";
        for (int at = 0; at <= cut.length(); at++) {
            TickStory travelled = new TickStory();
            travelled.add(heard(ticks(0, 3) + cut.substring(0, at)));
            travelled.add(heard(cut.substring(at) + ticks(4, 6)));
            assertThat(travelled.ticks()).as("cut after %d characters", at).isEqualTo(6);
        }
    }

    @Test
    void aHalfLineWithoutItsOtherHalfIsATickMissing() throws IOException {
        story.add(heard(ticks(0, 3) + "LONGHAUL tick 3 0.30"));
        assertThatThrownBy(() -> story.add(heard(ticks(4, 6)))).hasMessageContaining("After tick 2 came tick 4");
    }

    private Heard heard(String text) throws IOException {
        Path file = Files.createTempFile(folder, "serial", ".log");
        Files.writeString(file, text);
        SerialLog log = SerialLog.follow(() -> Optional.of(file));
        log.close();
        return log.heard();
    }

    private static String ticks(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(tick -> "LONGHAUL tick " + tick + " 0.1\r\n")
                .collect(Collectors.joining());
    }
}
