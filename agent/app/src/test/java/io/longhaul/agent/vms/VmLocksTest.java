package io.longhaul.agent.vms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class VmLocksTest {
    private final VmLocks locks = new VmLocks();

    /** A guest that takes a minute to stop must not hold up another's hand-over, whatever their ids are. */
    @Test
    void aMachineWaitsForNoOther() {
        UUID slow = new UUID(0, 1);
        locks.with(slow, () -> {
            for (int other = 2; other < 200; other++) {
                UUID id = new UUID(0, other);
                CompletableFuture<UUID> done = CompletableFuture.supplyAsync(() -> locks.with(id, () -> id));
                assertThat(done.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(id);
            }
            return slow;
        });
    }

    @Test
    void twoCommandsOfAMachineDoNotRunAtOnce() {
        UUID id = new UUID(0, 1);
        CompletableFuture<UUID> second = locks.with(id, () -> {
            CompletableFuture<UUID> waiting = CompletableFuture.supplyAsync(() -> locks.with(id, () -> id));
            assertThatThrownBy(() -> waiting.get(20, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            return locks.with(id, () -> waiting);
        });
        assertThat(second.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(id);
    }
}
