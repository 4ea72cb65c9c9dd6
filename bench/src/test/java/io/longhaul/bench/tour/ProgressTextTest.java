package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import org.junit.jupiter.api.Test;

class ProgressTextTest {

    @Test
    void theBlockTellsPhaseBytesRateRoundTripAndForecast() {
        assertThat(ProgressText.block(SampleMigrations.copyingDisks(), 2_000))
                .containsExactly(
                        "COPYING_DISKS   host-a to host-b, 2.0 s since the request",
                        "  disk     [##################......] 768 MiB done, 256 MiB left",
                        "  memory   [........................] 0 B done, 256 MiB left",
                        "  wire     70.0 MiB at 35.0 MiB/s, round trip 0.40 ms",
                        "  forecast end in 7.5 s, downtime 180 ms");
    }

    @Test
    void aWaitingMigrationSaysWhatItWaitsFor() {
        assertThat(ProgressText.block(SampleMigrations.queued(), 100))
                .containsExactly(
                        "QUEUED          host-a to host-b, 100 ms since the request",
                        "  waits for a free place on host-b");
        assertThat(ProgressText.line(SampleMigrations.queued(), 100)).endsWith("waits for a free place on host-b");
    }

    @Test
    void theLineTellsTheSameAsTheBlock() {
        assertThat(ProgressText.line(SampleMigrations.copyingDisks(), 2_000))
                .isEqualTo("   2.0 s  COPYING_DISKS   disk 768 MiB done, 256 MiB left; memory 0 B done, 256 MiB left; "
                        + "wire 70.0 MiB at 35.0 MiB/s, round trip 0.40 ms; forecast end in 7.5 s, downtime 180 ms");
    }

    @Test
    void aMoveThatIsAboutToEndForecastsNothing() {
        Migration completing = SampleMigrations.copyingDisks().state(MigrationState.COMPLETING);
        assertThat(ProgressText.line(completing, 2_000)).endsWith("; forecast none any more");
        assertThat(ProgressText.block(completing, 2_000)).endsWith("  forecast none any more");
    }
}
