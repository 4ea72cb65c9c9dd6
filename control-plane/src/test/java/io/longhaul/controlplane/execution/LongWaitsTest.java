package io.longhaul.controlplane.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LongWaitsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final LongWaits waits = new LongWaits(new MigrationFacts("mig-1", "host-a", "host-b", 2), PATIENCE);
    private final SideInbox source = new SideInbox(NOW);
    private final SideInbox destination = new SideInbox(NOW);

    @Test
    void tellsOfASourceThatStopsReportingAndForgetsItWhenItIsHeard() {
        Step copying = new Step(MigrationPhase.COPYING_DISKS, false, true, List.of());
        source.accept(report(MigrationRole.SOURCE, SidePhase.COPYING_DISKS, 1), NOW);
        assertThat(waits.silentSince(MigrationRole.SOURCE, copying, source, NOW))
                .isEmpty();
        assertThat(waits.silentSince(MigrationRole.SOURCE, copying, source, NOW.plusMillis(5_999)))
                .isEmpty();
        assertThat(waits.silentSince(MigrationRole.SOURCE, copying, source, NOW.plus(PATIENCE)))
                .contains(NOW);
        assertThat(waits.report(MigrationRole.SOURCE, NOW.plusMillis(7)))
                .isEqualTo("agent of host-a to report (nothing was heard of it since 2026-01-01T00:00:00Z)");
        source.accept(report(MigrationRole.SOURCE, SidePhase.COPYING_DISKS, 2), NOW.plusSeconds(7));
        assertThat(waits.silentSince(MigrationRole.SOURCE, copying, source, NOW.plusSeconds(8)))
                .isEmpty();
    }

    @Test
    void aSourceIsSilentOnlyAfterItWasOrderedHoweverLongTheDestinationTook() {
        Step preparing = new Step(MigrationPhase.PREPARING, false, false, List.of());
        Step ordered = new Step(MigrationPhase.PREPARING, false, true, List.of());
        Instant later = NOW.plusSeconds(60);
        assertThat(waits.silentSince(MigrationRole.SOURCE, preparing, source, later))
                .isEmpty();
        assertThat(waits.silentSince(MigrationRole.SOURCE, ordered, source, later))
                .isEmpty();
        assertThat(waits.silentSince(MigrationRole.SOURCE, ordered, source, later.plus(PATIENCE)))
                .contains(later);
    }

    @Test
    void saysWhichAddressMustBeReachedWhereThePreparationLasts() {
        Step preparing = new Step(MigrationPhase.PREPARING, false, false, List.of());
        Step ordered = new Step(MigrationPhase.PREPARING, false, true, List.of());
        Step copying = new Step(MigrationPhase.COPYING_DISKS, false, true, List.of());
        Optional<String> url = Optional.of("https://a:7070");
        assertThat(waits.preparation(preparing, destination, url, NOW)).isEmpty();
        assertThat(waits.preparation(preparing, destination, url, NOW.plus(PATIENCE)))
                .contains("host-b to get ready: disks, hypervisor, and boot files from the agent of host-a at"
                        + " https://a:7070, which host-b must reach");
        destination.accept(
                report(MigrationRole.DESTINATION, SidePhase.PREPARED, 1).transferAddress("b:7071"), NOW);
        Instant connecting = NOW.plusSeconds(30);
        assertThat(waits.preparation(ordered, destination, url, connecting)).isEmpty();
        assertThat(waits.preparation(ordered, destination, url, connecting.plus(PATIENCE)))
                .contains("host-a to connect to host-b at b:7071, which host-a must reach");
        assertThat(waits.preparation(copying, destination, url, connecting.plus(PATIENCE)))
                .isEmpty();
    }

    @Test
    void nobodyWaitsForASideThatHasSaidItsLastWord() {
        Step cancelling = new Step(MigrationPhase.CANCELLING, false, true, List.of());
        destination.accept(report(MigrationRole.DESTINATION, SidePhase.ABORTED, 1), NOW);
        assertThat(waits.silentSince(MigrationRole.DESTINATION, cancelling, destination, NOW))
                .isEmpty();
        assertThat(waits.silentSince(MigrationRole.DESTINATION, cancelling, destination, NOW.plusSeconds(60)))
                .isEmpty();
    }

    private static MigrationReport report(MigrationRole role, SidePhase phase, long sequence) {
        return new MigrationReport(
                "mig-1", new UUID(1, 1), role, 2L, phase, sequence, "run-1", NOW.atOffset(ZoneOffset.UTC));
    }
}
