package io.longhaul.agent.reporting;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.model.HostInventory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastKnownStateTest {
    private final BlockingQueue<String> gathered = new ArrayBlockingQueue<>(10);
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final LastKnownState state = new LastKnownState(new SlowHost(), thread, Duration.ofMillis(200));

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    @Test
    void tellsWhatWasKnownLastWhileTheHostDoesNotAnswer() throws InterruptedException {
        gathered.put("first");
        assertThat(state.heartbeat().getAgentInstance()).isEqualTo("first");
        assertThat(state.heartbeat().getAgentInstance()).isEqualTo("first");
        assertThat(state.heartbeat().getAgentInstance()).isEqualTo("first");
        gathered.put("second");
        gathered.put("third");
        assertThat(state.heartbeat().getAgentInstance()).isIn("second", "third");
    }

    /** An empty host would be a lie. */
    @Test
    void waitsForTheFirst() throws InterruptedException {
        Thread later = new Thread(() -> gathered.add("first"));
        later.start();
        assertThat(state.heartbeat().getAgentInstance()).isEqualTo("first");
        later.join();
    }

    private final class SlowHost implements HostState {
        @Override
        public Registration registration() {
            return new Registration("http://a", "west", "instance", new HostInventory());
        }

        @Override
        public Heartbeat heartbeat() {
            try {
                return new Heartbeat(gathered.take(), new HostInventory(), List.of(), List.of());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
