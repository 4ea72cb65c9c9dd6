package io.longhaul.controlplane.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.controlplane.agents.MigrationCommand;
import io.longhaul.controlplane.config.ExecutionProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final PendingCommand FIRST = command("cmd-1", "host-a");
    private static final PendingCommand SECOND = command("cmd-2", "host-a");
    private static final PendingCommand OTHER = command("cmd-3", "host-b");

    private final Deliveries deliveries = new Deliveries(new ExecutionProperties(
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2)));

    @Test
    void sendsOneCommandAtATimeToAHostAndDoesNotLetHostsWaitForEachOther() {
        List<PendingCommand> all = List.of(FIRST, SECOND, OTHER);
        assertThat(deliveries.take(all, NOW)).containsExactly(FIRST, OTHER);
        assertThat(deliveries.take(all, NOW)).isEmpty();
        deliveries.done(FIRST);
        assertThat(deliveries.take(List.of(SECOND, OTHER), NOW)).containsExactly(SECOND);
    }

    @Test
    void sendsAgainAfterPausesThatDoubleUpToTheLongest() {
        Instant now = NOW;
        for (long pause : List.of(200, 400, 800, 1000, 1000)) {
            assertThat(deliveries.take(List.of(FIRST, SECOND), now)).containsExactly(FIRST);
            deliveries.failed(FIRST, "no answer", now);
            assertThat(deliveries.nextDue()).contains(now.plusMillis(pause));
            assertThat(deliveries.take(List.of(FIRST, SECOND), now.plusMillis(pause - 1)))
                    .isEmpty();
            now = now.plusMillis(pause);
        }
        assertThat(deliveries.obstacle(List.of(FIRST))).contains("agent of host-a to answer ABORT (no answer)");
    }

    private static PendingCommand command(String id, String host) {
        return new PendingCommand(id, host, new MigrationCommand("mig-1", MigrationCommand.Kind.ABORT, "{}"));
    }
}
