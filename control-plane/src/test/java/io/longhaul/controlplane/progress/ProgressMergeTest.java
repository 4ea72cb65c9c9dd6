package io.longhaul.controlplane.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.MigrationProgress;
import org.junit.jupiter.api.Test;

class ProgressMergeTest {

    private static MigrationProgress progress() {
        return new MigrationProgress(100L, 40L, 60L, 10L, 5L, 5L, 50L, 10L);
    }

    @Test
    void whatWasDoneNeverFalls() {
        MigrationProgress known = progress()
                .memoryRounds(4)
                .pagesSent(90L)
                .bytesResent(8L)
                .reconnects(2L)
                .outageMillis(3L);
        MigrationProgress merged = ProgressMerge.merge(
                known,
                progress().memoryRounds(1).pagesSent(100L).bytesResent(0L).reconnects(0L));
        assertThat(merged.getMemoryRounds()).isEqualTo(4);
        assertThat(merged.getPagesSent()).isEqualTo(100);
        assertThat(merged.getBytesResent()).isEqualTo(8);
        assertThat(merged.getReconnects()).isEqualTo(2);
        assertThat(merged.getOutageMillis()).isEqualTo(3);
    }

    @Test
    void whatIsOnlyTrueNowIsOfTheNewer() {
        MigrationProgress merged = ProgressMerge.merge(
                progress().linkAwayMillis(5L).connectionsOpen(9).forecastReason("old"),
                progress().connectionsOpen(8).forecastReason("new"));
        assertThat(merged.getLinkAwayMillis()).isNull();
        assertThat(merged.getConnectionsOpen()).isEqualTo(8);
        assertThat(merged.getForecastReason()).isEqualTo("new");
    }

    @Test
    void whatNoReportHasStaysAbsent() {
        assertThat(ProgressMerge.merge(progress(), progress()).getPagesSent()).isNull();
    }
}
