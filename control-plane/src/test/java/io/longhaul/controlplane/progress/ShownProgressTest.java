package io.longhaul.controlplane.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MillisRange;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;

class ShownProgressTest {

    private static MigrationProgress live() {
        return new MigrationProgress(100L, 40L, 60L, 10L, 5L, 5L, 50L, 10L)
                .forecastEndMillis(1_000L)
                .forecastDowntimeMillis(80L)
                .forecastEndRange(new MillisRange(900L, 1_100L))
                .forecastDowntimeRange(new MillisRange(70L, 90L))
                .forecastReason("60 bytes left at 10 a second")
                .linkAwayMillis(35_000L)
                .connectionsOpen(8)
                .diskBytesMatched(3L);
    }

    @Test
    void figuresOfASilentSourceAreMarkedAndForecastNothing() {
        MigrationProgress live = live();
        MigrationProgress shown = ShownProgress.silent(live, "host-a", OffsetDateTime.parse("2026-01-01T00:00:00.5Z"));
        assertThat(shown.getStaleSince()).isEqualTo("2026-01-01T00:00:00.5Z");
        assertThat(shown.getForecastReason())
                .isEqualTo("Nothing was heard of host-a since 2026-01-01T00:00:00Z; these are its last figures");
        assertNoForecast(shown);
        assertThat(shown.getDiskBytesDone()).isEqualTo(40);
        assertThat(shown.getDiskBytesMatched()).isEqualTo(3);
        assertThat(live).isEqualTo(live());
    }

    @Test
    void aMoveThatIsEndingForecastsNothingAndKeepsWhatIsTrueOfItsLink() {
        MigrationProgress shown = ShownProgress.ending(live());
        assertNoForecast(shown);
        assertThat(shown.getForecastReason()).isNull();
        assertThat(shown.getLinkAwayMillis()).isEqualTo(35_000);
    }

    @Test
    void aMoveThatHasEndedKeepsOnlyWhatWasDone() {
        MigrationProgress shown = ShownProgress.ended(live());
        assertNoForecast(shown);
        assertThat(shown.getForecastReason()).isNull();
        assertThat(shown.getLinkAwayMillis()).isNull();
        assertThat(shown.getConnectionsOpen()).isNull();
        assertThat(shown.getBytesPerSecond()).isZero();
        assertThat(shown.getDiskBytesDone()).isEqualTo(40);
        assertThat(shown.getBytesOnWire()).isEqualTo(50);
        assertThat(shown.getDiskBytesMatched()).isEqualTo(3);
    }

    private static void assertNoForecast(MigrationProgress shown) {
        assertThat(shown.getForecastEndMillis()).isNull();
        assertThat(shown.getForecastDowntimeMillis()).isNull();
        assertThat(shown.getForecastEndRange()).isNull();
        assertThat(shown.getForecastDowntimeRange()).isNull();
    }
}
