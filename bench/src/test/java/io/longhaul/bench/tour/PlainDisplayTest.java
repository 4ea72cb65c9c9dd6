package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.client.model.MigrationState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PlainDisplayTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong nowNanos = new AtomicLong();
    private final PlainDisplay display =
            new PlainDisplay(new PrintStream(bytes, true, StandardCharsets.UTF_8), nowNanos::get);

    @Test
    void printsOneLineASecondWithinAState() {
        display.show(SampleMigrations.copyingDisks());
        pass(Duration.ofMillis(400));
        display.show(SampleMigrations.copyingDisks());
        pass(Duration.ofMillis(600));
        display.show(SampleMigrations.copyingDisks());
        assertThat(lines()).hasSize(2);
    }

    @Test
    void printsEveryChangeOfStateAtOnce() {
        display.show(SampleMigrations.queued());
        display.show(SampleMigrations.copyingDisks());
        display.show(SampleMigrations.copyingDisks().state(MigrationState.COPYING_MEMORY));
        assertThat(lines()).hasSize(3);
    }

    private void pass(Duration time) {
        nowNanos.addAndGet(time.toNanos());
    }

    private java.util.List<String> lines() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
