package io.longhaul.controlplane.vms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeState;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.config.HostsProperties;
import io.longhaul.controlplane.support.Transactions;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.SimpleTransactionStatus;

class VmObservationsTest {

    private static final UUID ID = new UUID(0, 1);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final VmEntity stored = new VmEntity(ID, "guest", "host-a", "{}");
    private Runnable whileTheStoreIsAsked = () -> {};
    private final VmObservations observations = new VmObservations(
            repository(),
            new Transactions(new NoTransactions()),
            new HostsProperties(Duration.ofSeconds(2), Duration.ofSeconds(10)),
            Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void aSourcesHeartbeatThatMeetsTheHandOverDoesNotUndoWhatIsKnownOfTheMove() {
        stored.observed(VmState.RUNNING);
        // The owner that is read is the one of before the hand-over, which is not committed yet.
        whileTheStoreIsAsked = () -> observations.moved("host-b", vm(VmState.RUNNING));
        observations.onHeartbeat("host-a", heartbeat(VmState.STOPPED));

        assertThat(observations.of(ID, "host-b")).map(AgentVm::getState).contains(VmState.RUNNING);
        assertThat(stored.lastState()).isEqualTo(VmState.RUNNING);
    }

    @Test
    void whatAnotherHostSaysOfAMachineThatIsNotItsOwnIsPassedOver() {
        observations.onHeartbeat("host-b", heartbeat(VmState.RUNNING));
        assertThat(observations.of(ID, "host-b")).isEmpty();
    }

    @Test
    void aHeartbeatOfBeforeACommandsAnswerDoesNotUndoIt() {
        observations.answered("host-a", vm(VmState.RUNNING));
        observations.onHeartbeat("host-a", heartbeat(VmState.STOPPED));
        assertThat(observations.of(ID, "host-a")).map(AgentVm::getState).contains(VmState.RUNNING);
    }

    private VmRepository repository() {
        return (VmRepository) Proxy.newProxyInstance(
                VmRepository.class.getClassLoader(),
                new Class<?>[] {VmRepository.class},
                (proxy, method, arguments) -> {
                    if (!method.getName().equals("findById")) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    whileTheStoreIsAsked.run();
                    return Optional.of(stored);
                });
    }

    private static Heartbeat heartbeat(VmState state) {
        return new Heartbeat("instance", new HostInventory(), List.of(vm(state)), List.of());
    }

    private static AgentVm vm(VmState state) {
        return new AgentVm(
                ID,
                1L,
                state,
                new VmDefinition("guest", 1L << 28),
                List.of(),
                List.of(),
                new GuestProbe(GuestProbeState.NONE, 0L));
    }

    /** There is no store to begin one in. */
    private static final class NoTransactions implements PlatformTransactionManager {
        @Override
        public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
            return new SimpleTransactionStatus();
        }

        @Override
        public void commit(TransactionStatus status) {}

        @Override
        public void rollback(TransactionStatus status) {}
    }
}
