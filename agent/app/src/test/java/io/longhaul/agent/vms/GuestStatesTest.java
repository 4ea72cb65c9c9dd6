package io.longhaul.agent.vms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.longhaul.agent.vms.GuestHost.GuestState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestStatesTest {
    private static final UUID HANGING = new UUID(0, 1);
    private static final UUID ANSWERING = new UUID(0, 2);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final Map<UUID, GuestState> states = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void end() {
        hangs.countDown();
        threads.shutdownNow();
    }

    @Test
    void aHypervisorThatHangsKeepsNothingOfTheOthers() {
        states.put(ANSWERING, GuestState.RUNNING);
        GuestStates all = new GuestStates(this::ask, threads, Duration.ofMillis(200));
        assertThat(all.ofAll(List.of(HANGING, ANSWERING))).containsOnly(entry(ANSWERING, GuestState.RUNNING));
        states.put(ANSWERING, GuestState.PAUSED);
        assertThat(all.ofAll(List.of(HANGING, ANSWERING))).containsOnly(entry(ANSWERING, GuestState.PAUSED));
        assertThat(asked).as("questions to the one that hangs").hasValue(1);
    }

    @Test
    void aGuestThatAnswersNoMoreIsWhatItWasLast() {
        GuestStates all = new GuestStates(this::ask, threads, Duration.ofMillis(200));
        states.put(HANGING, GuestState.RUNNING);
        assertThat(all.ofAll(List.of(HANGING))).containsOnly(entry(HANGING, GuestState.RUNNING));
        states.remove(HANGING);
        assertThat(all.ofAll(List.of(HANGING))).containsOnly(entry(HANGING, GuestState.RUNNING));
        assertThat(all.ofAll(List.of())).isEmpty();
    }

    private GuestState ask(UUID guest) {
        GuestState state = states.get(guest);
        if (state != null) {
            return state;
        }
        asked.incrementAndGet();
        try {
            hangs.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return GuestState.BROKEN;
    }
}
