package io.longhaul.controlplane.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class WatchersTest {

    private static final int STALLED = 64;

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void clientsThatStopReadingHoldUpNoOther(String virtualThreads) throws InterruptedException {
        SupportConfiguration configuration = new SupportConfiguration();
        ScheduledExecutorService timers = configuration.workers();
        ExecutorService watchers = configuration.watchers(
                new MockEnvironment().withProperty("spring.threads.virtual.enabled", virtualThreads));
        CountDownLatch stalled = new CountDownLatch(STALLED);
        CountDownLatch readsAgain = new CountDownLatch(1);
        try {
            for (int i = 0; i < STALLED; i++) {
                new SerialTask("A stalled stream", watchers, timers, () -> stall(stalled, readsAgain)).wake();
            }
            assertThat(stalled.await(30, TimeUnit.SECONDS)).isTrue();
            CountDownLatch written = new CountDownLatch(1);
            new SerialTask("A stream", watchers, timers, written::countDown).wake();
            assertThat(written.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            readsAgain.countDown();
            watchers.shutdownNow();
            timers.shutdownNow();
        }
    }

    private static void stall(CountDownLatch stalled, CountDownLatch readsAgain) {
        stalled.countDown();
        try {
            readsAgain.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
