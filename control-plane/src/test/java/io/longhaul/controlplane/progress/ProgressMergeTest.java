package io.longhaul.controlplane.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MillisRange;
import java.lang.reflect.Method;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProgressMergeTest {

    private static final Map<Class<?>, Object> SAMPLES = Map.of(
            Long.class,
            7L,
            Integer.class,
            7,
            Double.class,
            7.5,
            String.class,
            "seven",
            MillisRange.class,
            new MillisRange(6L, 8L),
            OffsetDateTime.class,
            OffsetDateTime.parse("2026-01-01T00:00:00Z"));

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
    void joinedWithItselfItIsACopyOfEveryField() throws ReflectiveOperationException {
        MigrationProgress every = progress();
        for (Method method : MigrationProgress.class.getMethods()) {
            if (method.getName().startsWith("set")) {
                method.invoke(every, Objects.requireNonNull(SAMPLES.get(method.getParameterTypes()[0])));
            }
        }
        assertThat(ProgressMerge.merge(every, every)).isNotSameAs(every).isEqualTo(every);
    }

    @Test
    void whatWasFoundEqualIsNotForgotten() {
        MigrationProgress merged = ProgressMerge.merge(progress().diskBytesMatched(7L), progress());
        assertThat(merged.getDiskBytesMatched()).isEqualTo(7);
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
