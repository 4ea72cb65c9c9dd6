package io.longhaul.controlplane.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SideInboxTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SideInbox inbox = new SideInbox(NOW);

    @Test
    void keepsTheNewerOfOneRunWhateverTheOrder() {
        assertThat(inbox.accept(report("run-1", 2, 10), NOW)).isTrue();
        assertThat(inbox.accept(report("run-1", 1, 11), NOW)).isFalse();
        assertThat(inbox.accept(report("run-1", 2, 10), NOW)).isFalse();
        assertThat(inbox.newest())
                .hasValueSatisfying(newest -> assertThat(newest.getSequence()).isEqualTo(2));
    }

    @Test
    void countsAnewAfterARestartOfTheAgent() {
        assertThat(inbox.accept(report("run-1", 9, 10), NOW)).isTrue();
        assertThat(inbox.accept(report("run-2", 1, 11), NOW)).isTrue();
        assertThat(inbox.accept(report("run-1", 10, 10), NOW)).isFalse();
    }

    @Test
    void isLostUntilItIsHeardAgain() {
        inbox.lose(NOW);
        assertThat(inbox.lost()).isTrue();
        assertThat(inbox.accept(report("run-1", 1, 1), NOW.plusSeconds(1))).isTrue();
        assertThat(inbox.lost()).isFalse();
        assertThat(inbox.heard()).isEqualTo(NOW.plusSeconds(1));
    }

    private static MigrationReport report(String instance, long sequence, int second) {
        return new MigrationReport(
                "mig-1",
                new UUID(1, 1),
                MigrationRole.SOURCE,
                2L,
                SidePhase.PREPARING,
                sequence,
                instance,
                NOW.plusSeconds(second).atOffset(ZoneOffset.UTC));
    }
}
